"""Small season files, written by hand in the shapes that the seasons have."""

#: 2003/04: each bookmaker a handicap of its own, two-digit years, no times.
OLD = """\
Div,Date,HomeTeam,AwayTeam,FTHG,FTAG,FTR,HTHG,HTAG,HTR,HS,AS,B365H,B365D,B365A,GBAHH,GBAHA,GBAH,Unnamed__18
E0,16/08/03,Aldham,Brixworth,2,1,H,1,0,H,11,13,1.4,3.8,8.0,1.95,1.9,-1.25,
E0,18/08/03,Corby,Deene,0,0,D,0,0,D,9.0,14.0,2.1,3.2,3.3,,,,
"""

#: 2022/23: times, one line for all, closing prices, the market's best and mean.
NEW = """\
Div,Date,Time,HomeTeam,AwayTeam,FTHG,FTAG,FTR,HTHG,HTAG,HTR,PSH,PSD,PSA,VCH,VCD,VCA,MaxH,MaxD,MaxA,\
P>2.5,P<2.5,AHh,PAHH,PAHA,PSCH,PSCD,PSCA,VCCH,VCCD,VCCA,PC_2_5,PC_2_5_1,AHCh,PCAHH,PCAHA
E0,05/08/2022,20:00,Aldham,Brixworth,0,2,A,0,1,A,4.5,3.65,1.89,4.4,3.5,1.9,4.6,3.8,1.95,2.14,1.78,0.5,2.03,\
1.89,4.58,3.63,1.88,4.75,3.5,1.85,2.1,1.81,0.75,1.9,2.02
E0,07/01/2023,15:00,Corby,Deene,1,1,D,1,0,H,2.5,3.3,2.9,2.5,3.3,2.9,2.6,3.4,3.0,2.0,1.9,0,1.9,2.0,2.4,3.3,3.1,\
2.4,3.3,3.1,2.0,1.9,-0.25,1.9,2.0
"""


def changed(text: str, was: str, now: str) -> bytes:
    """A file in which one thing is wrong."""
    assert text.count(was) == 1
    return text.replace(was, now).encode()
