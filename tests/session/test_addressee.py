"""Whom a line is said to."""

from __future__ import annotations

import pytest

from scriptbot.session.addressee import addressed


@pytest.mark.parametrize(
    ("line", "who"),
    [
        ("Pip, do you like trains?", "PIP"),
        ("hello pip.", "PIP"),
        ("Pip?", "PIP"),
        ("Hello Pip", "PIP"),
        ("Where is Pip", ""),
        ("What's in your suitcase, Old Gus?", "OLD GUS"),
        ("Good. Thank you, pip", "PIP"),
        ("花子、元気？", "花子"),
        ("(softly) Pip, do you like trains?", "PIP"),
        ("（小声） 花子、元気？", "花子"),
        ("(To Pip) Hello.", ""),
        ("Moe Szyslak, a beer.", "Moe_Szyslak"),
        ("A beer, moe_szyslak!", "Moe_Szyslak"),
        ("Where is Pip?", ""),
        ("Where's Pip?", ""),
        ("Pip said so.", ""),
        ("I like pipes, and pip is nine.", ""),
        ("Pipe, please.", ""),
        ("", ""),
    ],
)
def test_whom_a_line_is_said_to(line: str, who: str) -> None:
    assert addressed(line, ("OLD GUS", "PIP", "花子", "Moe_Szyslak")) == who


@pytest.mark.parametrize(
    ("line", "who"),
    [
        ("I like Gus, Pip and Otto.", ""),
        ("We invited Vera, Gus, and Otto.", ""),
        ("We invited Vera, Gus, my dear Pip and Otto.", ""),
        ("I have seen Uncle Gus, Pip & Otto", ""),
        ("Come here, Gus and Vera!", "GUS"),
        ("Gus, Pip and Otto, come here.", "GUS"),
        ("Gus and Pip, come here.", "GUS"),
        ("Ask Gus, Otto and Pip.", ""),
    ],
)
def test_in_a_list_somebody_is_told_of(line: str, who: str) -> None:
    assert addressed(line, ("GUS", "PIP", "OTTO", "VERA")) == who


@pytest.mark.parametrize(
    ("line", "who"),
    [
        ("Hello, Pip, how are you?", "PIP"),
        ("Hello, Pip. How are you?", "PIP"),
        ("Hi, Pip! Come in.", "PIP"),
        ("Yes, Pip. Come in.", "PIP"),
        ("(softly) “No, no, my dear Pip, it is late.”", "PIP"),
        ("Good morning, Pip. Come in.", "PIP"),
        ("Thank you, Otto, it is late.", "OTTO"),
        ("Hello, Mr. Brown, how are you?", "JIM BROWN"),
        ("Oh, Pip? He is nine.", "PIP"),
        ("Excuse me, Pip, is this seat free?", "PIP"),
        ("How now, sweet Pip? Come.", "PIP"),
        ("What, Otto, and Pip is late?", "OTTO"),
        ("What Otto?", ""),
        ("And Otto?", ""),
        ("But Otto, who was late, came.", ""),
        ("And Pip, Otto and Mr. Brown came.", ""),
        ("Okay Pip, come.", "PIP"),
        ("Hi there Pip, come.", "PIP"),
        ("Pip, Otto, come.", "PIP"),
        ("Ask Otto, he knows.", ""),
        ("Thank Otto.", ""),
        ("Thank Mr. Brown.", ""),
        ("Thank Brown.", ""),
        ("Hello, Pip is late.", ""),
        ("はい、花子。どうぞ。", "花子"),
        ("ねえ 花子、元気？", "花子"),
        ("你好，花子，进来吧。", "花子"),
        ("花子、太郎、来て。", "花子"),
        ("昨日、花子、太郎が来た。", ""),
    ],
)
def test_a_greeting_or_an_answer_may_stand_before_the_name(line: str, who: str) -> None:
    assert addressed(line, ("PIP", "OTTO", "JIM BROWN", "花子", "太郎")) == who


HOUSE = (
    *("Homer_Simpson", "MARGE SIMPSON", "EDNA KRABAPPEL", "C. Montgomery Burns", "PRINCIPAL SKINNER", "OLD GUS"),
    *("FIRST CITIZEN", "CAPTAIN SHOTOVER", "MAN AT THE BAR", "QUEEN OF HEARTS", "DR. NO", "KING LEWIS XI", "GUARD 2"),
    *("TOM AND EDNA", "ROBOT (TALL)", "MRS. STOCKMANN", "Peter Stockmann", "MABEL", "MABEL CHILTERN", "山田 花子"),
    *("Вера_Павловна", "ليلى حسن", "DR. JULIUS HIBBERT", "CAPT. AHAB", "MR. PICKWICK", "Saint Joan"),
    *("UNCLE BEN", "BEN", "A Player", "THE ROMAN SOLDIERS", "THE WHITE RABBIT", "A. Waterman", "_"),
)


@pytest.mark.parametrize(
    ("line", "who"),
    [
        ("Homer, where are you?", "Homer_Simpson"),
        ("Mr. Homer Simpson, hi.", "Homer_Simpson"),
        ("Mr Homer Simpson, hi.", "Homer_Simpson"),
        ("Hello Mr. Homer Simpson, come here.", "Homer_Simpson"),
        ("Come here, Mr. Homer Simpson!", "Homer_Simpson"),
        ("Where is Mr. Homer Simpson?", ""),
        ("Hello Homer.", "Homer_Simpson"),
        ("Is it late, Homer?", "Homer_Simpson"),
        ("“Homer!”", "Homer_Simpson"),
        ("Homer?", "Homer_Simpson"),
        ("HOMER, COME HERE!", "Homer_Simpson"),
        ("homer, where are you?", ""),  # no capital
        ("Where is Homer?", ""),
        ("Homer said so.", ""),
        ("Homer Flanders, come here.", ""),
        ("Simpson, come here.", ""),  # there are two
        ("Marge Simpson, come here.", "MARGE SIMPSON"),
        ("Krabappel, sit down.", "EDNA KRABAPPEL"),
        ("Mrs. Krabappel, may I?", "EDNA KRABAPPEL"),
        ("Good morning, Miss Krabappel.", "EDNA KRABAPPEL"),
        ("Hello Mrs Krabappel!", "EDNA KRABAPPEL"),
        ("Edna, sit down.", "EDNA KRABAPPEL"),  # whoever speaks with Tom is no other Edna
        ("Mr. Burns?", "C. Montgomery Burns"),
        ("Skinner!", "PRINCIPAL SKINNER"),
        ("Mrs. Skinner!", ""),  # somebody else's title
        ("Mrs Skinner!", ""),
        ("Principal, may I?", ""),
        ("Gus, may I?", "OLD GUS"),
        ("Old, is it not?", ""),
        ("First, let us sit.", ""),
        ("Citizen, come here.", ""),
        ("First Citizen, come here.", "FIRST CITIZEN"),
        ("Captain, come here.", ""),
        ("Captain Shotover, come here.", "CAPTAIN SHOTOVER"),
        ("Shotover, come here.", "CAPTAIN SHOTOVER"),
        ("Man, that is late!", ""),
        ("Bar.", ""),
        ("Of, let us say.", ""),
        ("Queen?", ""),
        ("No, thank you.", ""),
        ("Dr No, thank you.", "DR. NO"),
        ("Doctor No, thank you.", "DR. NO"),
        ("Doctor Hibbert, help!", "DR. JULIUS HIBBERT"),
        ("Dr. Hibbert, help!", "DR. JULIUS HIBBERT"),
        ("Doctor Julius Hibbert, help!", "DR. JULIUS HIBBERT"),
        ("Mr. Hibbert, help!", ""),
        ("Captain Ahab, come here.", "CAPT. AHAB"),
        ("Come here, Captain Ahab.", "CAPT. AHAB"),
        ("Capt Ahab, come here.", "CAPT. AHAB"),
        ("Hello Mister Pickwick!", "MR. PICKWICK"),
        ("St. Joan?", "Saint Joan"),
        ("Uncle Ben, come here.", "UNCLE BEN"),
        ("Come here, Uncle Ben.", "UNCLE BEN"),
        ("Mr. Ben, come here.", "BEN"),
        ("Player, come here.", ""),
        ("A player, come here.", "A Player"),
        ("Mr. Waterman, come here.", "A. Waterman"),
        ("Roman, come here.", ""),
        ("Soldiers, come here.", "THE ROMAN SOLDIERS"),
        ("White, is it not?", ""),
        ("Rabbit, come here.", "THE WHITE RABBIT"),
        ("Lewis, thank you.", "KING LEWIS XI"),
        ("XI.", ""),
        ("Guard!", ""),
        ("2.", ""),
        ("Tom, sit down.", ""),
        ("Tall!", ""),
        ("Robot!", "ROBOT (TALL)"),
        ("Mrs Stockmann, hello.", "MRS. STOCKMANN"),
        ("Mabel, hello.", "MABEL"),  # the whole name, and a part of another
        ("Chiltern, hello.", "MABEL CHILTERN"),
        ("Homer, this is not you, Mabel.", "MABEL"),
        ("Homer and Marge, come here.", "Homer_Simpson"),
        ("Marge and Homer, come here.", "MARGE SIMPSON"),
        ("Mabel and Homer, come here.", "MABEL"),  # a whole name, and a part of another
        ("Homer and Mabel, come here.", "Homer_Simpson"),
        ("Hello Homer & dear old Gus!", "Homer_Simpson"),
        ("Come here, Gus and Edna!", "OLD GUS"),
        ("Tom and Edna, come here.", "TOM AND EDNA"),
        ("Homer and his dog, come here.", ""),
        ("Homer and Marge are late.", ""),
        ("Where are Homer and Marge?", ""),
        ("What do you think, darling Mabel?", "MABEL"),
        ("What do you think, dear Homer?", "Homer_Simpson"),
        ("What do you think, my dear Mr. Burns?", "C. Montgomery Burns"),
        ("What do you think, dear homer?", ""),
        ("My dear Mabel, what do you think?", "MABEL"),
        ("Darling Mabel?", "MABEL"),
        ("Who is late, not Mabel?", ""),
        ("If you do not know, ask Mabel.", ""),
        ("花子、元気？", ""),
        ("山田、元気？", ""),
        ("山田 花子、元気？", "山田 花子"),
        ("Вера, где ты?", "Вера_Павловна"),
        ("вера, где ты?", ""),
        ("حسن, hello.", "ليلى حسن"),
    ],
)
def test_whom_a_part_of_a_name_is_said_to(line: str, who: str) -> None:
    assert addressed(line, HOUSE) == who
