"""The words that may be hidden and guessed: 200 common English words of five letters."""

_TEXT = """
about above actor acute adopt adult after again agent agree ahead alarm album alert alike alive
allow alone along alter among anger angle angry apart apple apply arena argue arise array aside
asset audio avoid award aware badly baker basic basis beach began begin being below bench birth
black blame blind block blood board boost bound brain brand bread break breed brief bring broad
brown brush build buyer cable candy carry catch cause chain chair chart chase cheap check chest
chief child civil claim class clean clear click clock close coach coast could count court cover
craft crash cream crime cross crowd crown curve cycle daily dance death delay depth doubt dozen
draft drama dream dress drill drink drive eager early earth eight elect empty enemy enjoy enter
entry equal error event every exact exist extra faith false fault fiber field fight final first
flame floor fluid focus force frame fresh front fruit glass globe grace grade grand grant grass
great green gross group guard guess guest guide happy heart heavy horse hotel house human image
index inner input issue judge knife large laser later laugh layer learn lemon level light limit
local logic lower lucky lunch magic major march
"""

WORDS: tuple[str, ...] = tuple(_TEXT.split())
