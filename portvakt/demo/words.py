"""The words of the demo's page, in the languages that it speaks."""

EN = {
    "lang": "en",
    "title": "Portvakt: a station on this machine",
    "what": (
        "A vehicle-inspection yard: the post outside, the signs above the doors, the desk inside."
    ),
    "try": "Try it",
    "step_1": "Type {plate} on the post, one press for each letter or figure: {keys}. Then <b>OK</b>.",
    "step_2": "At the desk, press <b>Call next</b>.",
    "step_3": (
        "Watch the sign above the door. When it shows, press <b>Drove in</b>, "
        "and <b>Finish</b> when the car is done."
    ),
    "all_done": "That is the whole job. Press <b>?</b> on the post to call for help, or type another plate.",
    "again": "Show the steps again",
    "post": "Outside: the post",
    "doors": "The doors",
    "door": "Door",
    "desk": "Inside: the desk",
    "alone": "open alone",
    "screen": "screen",
    "keypad": "keypad",
    "screen_frame": "The post's screen",
    "keypad_frame": "The post's keypad",
    "board_frame": "The board",
    "sign_dark": "The sign above door {door} is dark",
    "sign_lit": "The sign above door {door} is lit",
    "sign_unknown": "What the sign above door {door} shows is not known",
    "starting": "starting",
    "down": "down, starting again",
    "stopped": "stopped",
    "gone": "The demo has stopped. Start it again with make demo.",
    "fake": "Played on this page: only the keys of the post and the lamps of the signs.",
    "real": "All else is the product as it runs at a station, down to each command to the lamps.",
    "bookings": "Booked today",
    "traffic": (
        "Simulated cars at {speed} times life. “Traffic” works door 2 in the order of the line; "
        "if it calls your plate there, you press Drove in and Finish. Door 1 is yours."
    ),
}

SV = {
    "lang": "sv",
    "title": "Portvakt: en station på den här datorn",
    "what": "En besiktningsstation: stolpen ute, skyltarna över portarna, disken inne.",
    "try": "Prova",
    "step_1": "Skriv {plate} på stolpen, ett tryck per bokstav eller siffra: {keys}. Sedan <b>OK</b>.",
    "step_2": "Vid disken, tryck på <b>Kalla nästa</b>.",
    "step_3": (
        "Titta på skylten över porten. När den lyser, tryck på <b>Körde in</b>, "
        "och på <b>Klar</b> när bilen är klar."
    ),
    "all_done": (
        "Det är hela jobbet. Tryck på <b>?</b> på stolpen för hjälp, eller skriv ett annat nummer."
    ),
    "again": "Visa stegen igen",
    "post": "Ute: stolpen",
    "doors": "Portarna",
    "door": "Port",
    "desk": "Inne: disken",
    "alone": "öppna ensam",
    "screen": "skärm",
    "keypad": "knappar",
    "screen_frame": "Stolpens skärm",
    "keypad_frame": "Stolpens knappar",
    "board_frame": "Tavlan",
    "sign_dark": "Skylten över port {door} är släckt",
    "sign_lit": "Skylten över port {door} lyser",
    "sign_unknown": "Vi vet inte vad skylten över port {door} visar",
    "starting": "startar",
    "down": "nere, startas om",
    "stopped": "stoppad",
    "gone": "Demon har stannat. Starta den igen med make demo.",
    "fake": "Spelas på den här sidan: bara stolpens knappar och skyltarnas lampor.",
    "real": "Allt annat är produkten som den går på en station, ner till varje kommando till lamporna.",
    "bookings": "Bokade i dag",
    "traffic": (
        "Simulerade bilar, {speed} gånger fortare än i livet. ”Traffic” sköter port 2 i köns ordning; "
        "kallar den ditt nummer dit trycker du på Körde in och Klar. Port 1 är din."
    ),
}

WORDS = {"en": EN, "sv": SV}
