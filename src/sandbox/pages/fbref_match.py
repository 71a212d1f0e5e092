"""FBref's page of one match: the score box, a table a squad, and a topic inside a comment."""

from html import escape

from src.sandbox.pages.fbref import slug
from src.sandbox.world.clubs import Club
from src.sandbox.world.fixture import Fixture, Moment, Phase, SideFigures


def match_page(fixture: Fixture, at: Moment, *, with_xg: bool) -> bytes | None:
    """Return the page in UTF-8; None where there is none, for the match has not been played."""
    if at.phase is not Phase.FINISHED:
        return None
    home, away = fixture.home, fixture.away
    title = f"{escape(home.fbref_name)} vs. {escape(away.fbref_name)} Match Report"
    name = f"{slug(home.fotmob_long_name)}-{slug(away.fotmob_long_name)}"
    summaries = "".join(
        _table(club, "summary", _summary(figures, with_xg=with_xg))
        for club, figures in zip((home, away), fixture.figures, strict=True)
    )
    # What a script puts in place is inside a comment until it does.
    others = "".join(
        _table(club, "misc", {"fouls": figures.fouls, "cards_yellow": figures.yellow})
        for club, figures in zip((home, away), fixture.figures, strict=True)
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{title} | FBref.com</title>\n"
        f'<link rel="canonical" href="https://fbref.com/en/matches/{fixture.fbref_id}/{name}">\n</head>\n'
        f'<body>\n<div class="scorebox">{_box(home, at.score[0])}{_box(away, at.score[1])}</div>\n'
        f'{summaries}\n<div class="placeholder"></div>\n<!--\n{others}\n-->\n</body>\n</html>\n'
    ).encode()


def _box(club: Club, goals: int) -> str:
    link = f'<a href="/en/squads/{club.fbref_id}/{slug(club.fotmob_long_name)}-Stats">'
    return f'<div><strong>{link}{escape(club.fbref_name)}</a></strong><div class="score">{goals}</div></div>'


def _summary(figures: SideFigures, *, with_xg: bool) -> dict[str, int | float]:
    told: dict[str, int | float] = {
        "shots": figures.shots,
        "shots_on_target": figures.on_target,
        "cards_yellow": figures.yellow,
        "cards_red": figures.red,
    }
    return told | {"xg": figures.xg} if with_xg else told


def _table(club: Club, topic: str, figures: dict[str, int | float]) -> str:
    heads = "".join(f'<th data-stat="{name}">{name}</th>' for name in ("player", *figures))
    foot = "".join(f'<td class="right" data-stat="{name}">{value}</td>' for name, value in figures.items())
    return (
        f'<table class="stats_table" id="stats_{club.fbref_id}_{topic}"><thead><tr>{heads}</tr></thead>'
        '<tbody></tbody><tfoot><tr><th scope="row" data-stat="player">16 Players</th>'
        f"{foot}</tr></tfoot></table>"
    )
