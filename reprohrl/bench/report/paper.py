"""The published lead of +18 and +5 per cent, read against the numbers measured here."""

from __future__ import annotations

from reprohrl.bench.claims import PUBLISHED_LEADS, ceilings, halved_sentence, lead, lead_sentences
from reprohrl.bench.report.document import Block, Listing, Text
from reprohrl.bench.results import Results

WHAT_IS_KNOWN = (
    "ReProHRL (arXiv 2308.08737) could be read as abstract and introduction only. It reports 100 % in a "
    "simple single-goal environment for its method and its baseline, and leads of 18 % and 5 % over the best "
    "baseline in a more complex environment and in a multi-goal setting. Its rooms, its observations, its "
    "baseline and the sense of its per cent are not known. Nothing here repeats that experiment: C1 and MC-3 "
    "are our own tasks, and the lead below is over our own strongest baseline."
)


def paper_blocks(results: Results, where: str) -> list[Block]:
    """Return both readings of both numbers, with the arithmetic."""
    blocks: list[Block] = [Text(WHAT_IS_KNOWN)]
    for task, setting, percent in PUBLISHED_LEADS:
        found = lead(results, task, where)
        blocks.append(Text(f"**+{percent} {setting}, read against {task}:**"))
        if found is None:
            points, relative = ceilings(percent)
            blocks.append(
                Listing(
                    [
                        f"Not measured here yet: {task} at {where} needs ours and another method.",
                        f"Read as points, the published baseline reached at most 100 − {percent} = "
                        f"{points:.0f} %; read as a share, at most 100 / {1 + percent / 100:.2f} = "
                        f"{relative:.1f} %.",
                    ]
                )
            )
        else:
            blocks.append(Listing([*lead_sentences(found, percent), halved_sentence(found)]))
    return blocks
