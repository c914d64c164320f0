"""German. Keys of `WORDS` are the letters of `T`; phrases are separated by commas, articles left out.

`REAL` are words of their own, not misspelt ones of these lists.
"""

from __future__ import annotations

ARTICLES = (
    "der die das den dem des ein eine einen einem einer eines dieser diese dieses diesen diesem zum "
    "zur beim vom ins"
)
OBJECTS = {
    "sphere": "Kugel, Ball, Balls",
    "cube": "Würfel, Würfels, Kubus, Klotz",
    "cone": "Kegel, Kegels, Konus",
    "cylinder": "Zylinder, Zylinders",
    "torus": "Torus, Ring, Rings, Reifen",
    "pyramid": "Pyramide",
}
PLURALS = {
    "sphere": "Kugeln, Bälle, Bällen",
    "cube": "Würfeln",
    "cone": "Kegeln",
    "cylinder": "Zylindern",
    "torus": "Ringe, Ringen, Tori",
    "pyramid": "Pyramiden",
}
WORDS = {
    "T": (
        "Person, Personen, Mensch, Menschen, Mann, Frau, Leute, Leuten, Fußgänger, Fußgängern, "
        "jemand, jemandem, Hindernis, Hindernisse, Hindernissen, Hindernisses, allen Personen, allen "
        "Menschen, allen Hindernissen, alle Hindernisse, alle Personen, alle Menschen"
    ),
    "A": (
        "alle, alles, alle Objekte, allen Objekten, alle Ziele, allen Zielen, alle Gegenstände, jedes "
        "Objekt, jedes Ziel, alle Dinge, alle Formen, alle sechs Objekte"
    ),
    "j": "was, das was, was auch immer, Objekt, Gegenstand, Ding, neue Objekt, was immer",
    "J": (
        "hinter Tür, hinter Türöffnung, dahinter, im nächsten Raum, im anderen Raum, auf anderen "
        "Seite, hinter Durchgang, im Nebenraum, jenseits Tür, nebenan"
    ),
    "U": (
        "durch Tür, durch Türöffnung, durch Durchgang, durch nächste Tür, in nächsten Raum, in "
        "anderen Raum, in Nebenraum, durch Tor"
    ),
    "c": (
        "rot, rote, roten, roter, rotes, rotem, grün, grüne, grünen, grüner, grünes, grünem, blau, "
        "blaue, blauen, blauer, blaues, blauem, gelb, gelbe, gelben, gelber, gelbes, gelbem, weiß, "
        "weiße, weißen, weißer, schwarz, schwarze, schwarzen, schwarzer, orange, orangen, lila, rosa, "
        "graue, grauen, grauer, braune, braunen, groß, große, großen, großer, großes, klein, kleine, "
        "kleinen, kleiner, kleines, goldene, goldenen"
    ),
    "V": (
        "besuche, besuch, besuchen, besucht, besuchst, flieg, fliege, fliegen, fliegst, fliegt, "
        "geflogen, geh, gehe, gehen, gehst, suche, such, suchen, finde, finden, findest, untersuche, "
        "untersuchen, untersuchst, erreiche, erreichen, steuere, steuern, angesteuert, prüfe, prüfen, "
        "kontrolliere, kontrollieren, schau, schaue, ansehen, sieh, inspiziere, inspizieren, nähere, "
        "fahre, fahren, begib, bewege, zeig, aufsuchen, suchst, anfliegen, ansteuern, schauen, "
        "berühren, berühre"
    ),
    "X": "meide, meiden, vermeide, vermeiden, umgehe, umgehen, weiche, ausweichen, vermeidest, meidest",
    "N": "nicht, nie, niemals, kein, keine, keinen, keinem, keinesfalls, auf keinen Fall",
    "z": "ohne",
    "K": "nahe, zu nahe, nah, zu nah, in Nähe, in Nähe von, näher, näher als, Nähe",
    "S": "halte, halt, halten, haltend, bleib, bleibe, bleiben, bleibt, bleibst, hältst",
    "Q": "Abstand, weg, fern, entfernt, Distanz, Entfernung, weit weg",
    "o": (
        "warte, warten, wart, schwebe, schweben, schweb, verweile, verweilen, pausiere, verharre, "
        "schwebst, wartest"
    ),
    "h": (
        "nach Hause, Hause, heim, zurück, Startpunkt, Start, Ausgangspunkt, Basis, heimwärts, kehre, "
        "zurückkehren, heimkehren, zurückkommen, heimkommen, zurückfliegen, heimfliegen, "
        "zurückkehrst, Startplatz, Heimweg, Heimatpunkt, daheim, wo du gestartet bist, nachhause, "
        "zuhause, Rückkehr, heimfliegst"
    ),
    "D": "lande, landen, land, landest, Landung, setz auf",
    "p": (
        "pendle, pendeln, pendel, pendelst, patrouilliere, patrouillieren, kreise, kreisen, hin und "
        "her, immer wieder, abwechselnd, ständig, dauernd, fortwährend"
    ),
    "r": "wiederhole, wiederholen, mach, mache, tu, Ganze, insgesamt",
    "x": "mal, Runden",
    "%": "Prozent, %",
    "B": ("Akku, Batterie, Ladung, Akkustand, Ladestand, Batteriestand, Akkuladung, Strom, Batterieladung"),
    "<": (
        "unter, weniger als, kleiner als, sinkt auf, fällt auf, sinkt unter, fällt unter, unterhalb, "
        "unterschreitet, unterhalb von"
    ),
    "+": "über, mehr als, größer als, oberhalb",
    ">": "mindestens, wenigstens, minimal, nicht weniger als",
    "L": "höchstens, maximal, spätestens, länger als, nicht länger als, nicht mehr als, bis zu",
    "W": (
        "du hast, innerhalb, innerhalb von, binnen, in weniger als, in höchstens, in maximal, in spätestens"
    ),
    "I": "in",
    "R": "für, lang, lange",
    "G": "mit",
    "Y": "um",
    "i": "wenn, falls, sobald, sofern",
    "u": "bis, solange bis",
    "e": (
        "je, jeweils, pro Ziel, je Ziel, pro Objekt, je Objekt, für jedes Ziel, für jedes Objekt, jedes, pro"
    ),
    "y": (
        "in beliebiger Reihenfolge, beliebiger Reihenfolge, Reihenfolge ist egal, Reihenfolge egal, "
        "egal in welcher Reihenfolge, Reihenfolge spielt keine Rolle, in irgendeiner Reihenfolge, "
        "Reihenfolge ist beliebig, egal welche Reihenfolge, in jeder Reihenfolge, ungeachtet "
        "Reihenfolge"
    ),
    "t": (
        "dann, danach, anschließend, darauf, nachher, daraufhin, als Nächstes, im Anschluss, hierauf, "
        "weiter, hinterher, gefolgt von, später"
    ),
    "b": "vor, bevor, ehe",
    "d": "davor, vorher, zuvor, aber vorher, aber zuvor, aber davor, aber zuerst, vorher noch",
    "a": (
        "nach, nachdem, erst nach, aber erst nach, nicht vor, aber nicht vor, erst nachdem, aber erst nachdem"
    ),
    "f": (
        "zuerst, zunächst, erst, als Erstes, fang, fange, beginne, beginn, anfangs, als erstes, "
        "erstens, starte"
    ),
    "l": (
        "zuletzt, zum Schluss, schließlich, am Ende, als Letztes, am Schluss, zu guter Letzt, als "
        "letztes, abschließend, endlich"
    ),
    "M": "dazwischen, in der Mitte, in Mitte, zweitens, als zweites, dazwischen noch",
    "g": "noch einmal, nochmal, nochmals, erneut, noch mal, ein weiteres Mal, wieder einmal",
    "2": "beide, beiden",
    "|": "oder, entweder, beziehungsweise, bzw",
    "&": "und, sowie, und auch, &, plus, sowohl, als auch",
    "k": "aber, jedoch, doch, allerdings, sondern, dabei aber",
    "E": "außer, bis auf, ausgenommen, mit Ausnahme von, ausser",
    "-": (
        "der Reihe nach, zu, bei, von, an, am, im, auf, ist, sind, sei, seid, sein, bin, war, warst, "
        "bist, es, du, dich, dir, ich, mich, mir, wir, uns, er, sie, ihm, ihn, bitte, kannst, "
        "könntest, kannst du, könntest du, würdest, möchte, will, soll, sollst, sollte, Drohne, komm, "
        "komme, kommen, kommst, dort, da, hier, hast, hat, haben, habe, hin, so, auch, dabei, noch, "
        "nur, mal bitte, als, wieder, wird, werden, stets, immer, Zeit, ab, los, gesamte, zwar, "
        "einfach, gerne, gern, jetzt, nun, sofort, direkt, etwa, dass, ihr, zwischen, vorbei, sinkt, "
        "fällt, Reihenfolge, in dieser Reihenfolge, gelangst, gelangen, erreicht, starten, heb, darf, "
        "darfst, muss, musst, sich, deine, deinen, dein, Mission, gewesen, abbrechen, brich, steht, "
        "liegt, befindet, los geht, Abflug, danke, hallo, Richtung, Ziel, Uhr, rüber, mindestabstand, "
        "einmal bitte, unbedingt, denn, Meter entfernt, befindest, noch übrig, stand"
    ),
}
NUMBERS = {
    0.0: "null",
    2.0: "zwei",
    3.0: "drei",
    4.0: "vier",
    5.0: "fünf",
    6.0: "sechs",
    7.0: "sieben",
    8.0: "acht",
    9.0: "neun",
    10.0: "zehn",
    12.0: "zwölf",
    15.0: "fünfzehn",
    20.0: "zwanzig",
    30.0: "dreißig",
    40.0: "vierzig",
    50.0: "fünfzig",
    60.0: "sechzig",
    90.0: "neunzig",
    0.5: "halben, halbe, halber, halbes",
    1.5: "anderthalb, eineinhalb",
    25.0: "fünfundzwanzig",
    45.0: "fünfundvierzig",
    100.0: "hundert",
}
METRES = {
    1.0: "m, Meter, Metern, Meters",
    0.01: "cm, Zentimeter, Zentimetern",
    1000.0: "km, Kilometer, Kilometern",
}
SECONDS = {
    1.0: "s, Sek, Sekunde, Sekunden",
    60.0: "min, Minute, Minuten",
    3600.0: "h, Stunde, Stunden",
}
TIMES = {
    1.0: "einmal",
    2.0: "zweimal",
    3.0: "dreimal",
    4.0: "viermal",
    5.0: "fünfmal",
    6.0: "sechsmal",
    10.0: "zehnmal",
}
VAGUE = {
    "Was genau soll besucht werden?": (
        "irgendwas, irgendetwas, etwas, irgendein, irgendeinen, irgendein Objekt, einige"
    ),
    "Bis wann? Bitte zu jedem Schritt sagen, wann er endet.": ("bis dahin, solange, so lange, währenddessen"),
    "Welches ist gemeint? Bitte beim Namen nennen.": (
        "nächste, nächsten, nächstgelegene, nächstgelegenen, entfernteste, größte, größten, kleinste, "
        "kleinsten, andere, anderen, das nähere, je nachdem"
    ),
    "Wie oft? Bitte eine Zahl nennen.": (
        "mehrmals, oft, ein paar Mal, einige Male, öfter, endlos, für immer"
    ),
    "Wie lange, oder wie weit? Bitte eine Zahl nennen.": "kurz, bisschen, wenig, Weile, Moment, genug",
    "Ist mit der Säule der Zylinder gemeint, oder ein Hindernis?": "Säule, Rohr, Pfosten, Stange, Dose",
    "Ist mit der Kiste der Würfel gemeint, oder ein Hindernis?": "Kiste, Box, Karton, Quader",
}
CANNOT = {
    "Sie besucht ein Objekt oder hält Abstand; drum herum, darüber, darunter, daneben kann sie nicht.": (
        "herum, neben, nebenher, drum herum, links von, rechts von, gegenüber, durch, darüber, "
        "darunter, daneben"
    ),
    "Die Drohne kann besuchen, meiden, warten, durch Türen fliegen, heimkehren und landen, sonst nichts.": (
        "folge, folgen, verfolge, wirf, werfen, bring, bringe, hole, hol, trage, liefere, "
        "fotografiere, filme, Foto, Bild, Video, schieb, greif, zerstöre, ramme, triff, öffne, "
        "schließe, tanze, zähle, melde, sag, sage, Paket, abwerfen"
    ),
    "Höhe und Geschwindigkeit sind nicht Sache der Mission.": (
        "Höhe, hoch, höher, tief, tiefer, niedrig, Geschwindigkeit, schnell, schneller, langsam, "
        "langsamer, Tempo, hinauf, hinunter"
    ),
    "Bedingungen gibt es nur auf Akku und Zeit.": (
        "außer wenn, es sei denn, sonst, andernfalls, ansonsten, je nach, Wetter, ob"
    ),
    "Die Drohne kennt Zuhause, Türen und ihre Objekte, keine anderen Orte.": (
        "draußen, Küche, Ecke, Fenster, Wand, Wände, Decke, Boden, Norden, Süden, Osten, Westen, "
        "oben, unten, links, rechts, Keller, Garten"
    ),
}
REAL = (
    "statt anstatt Stadt Staat satt glatt Tisch Fisch Stuhl Hund Hand Wand Band Sand Rand Bett Brett "
    "Lampe Bild Wild Mond Mund Mut Hut Gut Haus Maus Laus raus aus Igel Regel Kugeln Segel Vogel "
    "Hügel Nagel Kabel Gabel Nebel Hebel Keller Kessel Esel Ding Wald Bald Fall Hall Wall Knall Stall "
    "Saal Aal Bach Dach Fach Buch Tuch Besuch Stich Strich Teller Tasse Tasche Flasche Schrank Bank "
    "Tank Dank Kran Zahn Bahn Hahn Sohn Lohn Mohn Ton Tor Tür Chor Rohr Ohr Uhr Burg Berg Werk Zwerg "
    "Drachen Drache Sache Wache Lache Fliege Ziege Wiege Riege Liege Bude Hase Nase Vase Rose Dose "
    "Hose Lose Linse Ringel Finger Dinger Singen Topf Kopf Zopf Katze Tatze Matratze Blume Pflanze "
    "Baum Raum Traum Zaun Auto Rad Bad Pfad Pferd Herd Kerze Kette Karte Warte Garten Sonne Tonne "
    "Wonne Sofa Regal Pokal Lokal Vokal Computer Drucker Papier Stift Lift Gift Hirt Wirt Dirigent "
    "Einhorn Kamera Roboter Turm Wurm Sturm Schirm Pyjama Orgel Kurbel Kübel Wirbel Bürste Büffel "
    "Löffel Trüffel Kegelbahn lange"
)
