"""How the three sources name the real clubs of football-data.co.uk's files."""

from functools import cache

from src.sandbox.world.chinese_names import chinese_name
from src.sandbox.world.clubs import Club

#: football-data | FotMob short | FotMob long | FBref | Titan007 English | Titan007 Chinese; "=" repeats the
#: first name. A club that is not here keeps its football-data name, and a Chinese name by its sound.
_TABLE = """
Arsenal|=|=|=|=|阿森纳
Aston Villa|=|=|=|=|阿斯顿维拉
Bournemouth|AFC Bournemouth|AFC Bournemouth|=|AFC Bournemouth|伯恩茅斯
Brentford|=|=|=|=|布伦特福德
Brighton|=|Brighton & Hove Albion|=|Brighton Hove Albion|布赖顿
Burnley|=|=|=|=|伯恩利
Cardiff|=|Cardiff City|Cardiff City|Cardiff City|加的夫城
Chelsea|=|=|=|=|切尔西
Crystal Palace|=|=|=|=|水晶宫
Everton|=|=|=|=|埃弗顿
Fulham|=|=|=|=|富勒姆
Huddersfield|=|Huddersfield Town|=|Huddersfield Town|哈德斯菲尔德
Hull|Hull City|Hull City|Hull City|Hull City|赫尔城
Ipswich|Ipswich Town|Ipswich Town|Ipswich Town|Ipswich Town|伊普斯维奇
Leeds|=|Leeds United|Leeds United|Leeds United|利兹联
Leicester|=|Leicester City|Leicester City|Leicester City|莱切斯特城
Liverpool|=|=|=|=|利物浦
Luton|Luton Town|Luton Town|Luton Town|Luton Town|卢顿
Man City|=|Manchester City|Manchester City|Manchester City|曼彻斯特城
Man United|=|Manchester United|Manchester Utd|Manchester United|曼彻斯特联
Middlesbrough|=|=|=|=|米德尔斯堡
Newcastle|=|Newcastle United|Newcastle Utd|Newcastle United|纽卡斯尔联
Norwich|=|Norwich City|Norwich City|Norwich City|诺维奇
Nott'm Forest|Nottm Forest|Nottingham Forest|Nott'ham Forest|Nottingham Forest|诺丁汉森林
Sheffield United|Sheff Utd|Sheffield United|Sheffield Utd|Sheffield United|谢菲尔德联
Southampton|=|=|=|=|南安普顿
Stoke|Stoke City|Stoke City|Stoke City|Stoke City|斯托克城
Sunderland|=|=|=|=|桑德兰
Swansea|=|Swansea City|Swansea City|Swansea City|斯旺西
Tottenham|=|Tottenham Hotspur|=|Tottenham Hotspur|托特纳姆热刺
Watford|=|=|=|=|沃特福德
West Brom|=|West Bromwich Albion|=|West Bromwich|西布罗姆维奇
West Ham|=|West Ham United|=|West Ham United|西汉姆联
Wigan|=|Wigan Athletic|Wigan Athletic|Wigan Athletic|维冈竞技
Wolves|=|Wolverhampton Wanderers|=|Wolverhampton Wanderers|狼队
Augsburg|=|=|=|=|奥格斯堡
Bayern Munich|Bayern München|=|=|=|拜仁慕尼黑
Bielefeld|Arminia Bielefeld|Arminia Bielefeld|Arminia|Arminia Bielefeld|比勒费尔德
Bochum|=|VfL Bochum|=|VfL Bochum|波鸿
Darmstadt|=|SV Darmstadt 98|Darmstadt 98|SV Darmstadt 98|达姆施塔特
Dortmund|=|Borussia Dortmund|=|Borussia Dortmund|多特蒙德
Ein Frankfurt|Frankfurt|Eintracht Frankfurt|Eint Frankfurt|Eintracht Frankfurt|法兰克福
FC Koln|FC Köln|1. FC Köln|Köln|FC Koln|科隆
Fortuna Dusseldorf|=|Fortuna Düsseldorf|Düsseldorf|=|杜塞尔多夫
Freiburg|=|SC Freiburg|=|SC Freiburg|弗赖堡
Greuther Furth|=|Greuther Fürth|Greuther Fürth|=|菲尔特
Hamburg|Hamburger SV|Hamburger SV|Hamburger SV|Hamburger SV|汉堡
Hannover|Hannover 96|Hannover 96|Hannover 96|Hannover 96|汉诺威96
Heidenheim|=|FC Heidenheim|=|FC Heidenheim|海登海姆
Hertha|Hertha BSC|Hertha BSC|Hertha BSC|Hertha BSC Berlin|柏林赫塔
Hoffenheim|=|TSG Hoffenheim|=|TSG Hoffenheim|霍芬海姆
Leverkusen|=|Bayer Leverkusen|=|Bayer Leverkusen|勒沃库森
M'gladbach|Mönchengladbach|Borussia Mönchengladbach|M'Gladbach|Borussia Monchengladbach|门兴格拉德巴赫
Mainz|=|Mainz 05|Mainz 05|FSV Mainz 05|美因茨
Nurnberg|=|1. FC Nürnberg|Nürnberg|Nurnberg|纽伦堡
Paderborn|=|Paderborn 07|Paderborn 07|SC Paderborn 07|帕德博恩
RB Leipzig|=|=|=|=|RB莱比锡
Schalke 04|=|=|=|=|沙尔克04
St Pauli|St. Pauli|FC St. Pauli|St. Pauli|FC St. Pauli|圣保利
Stuttgart|VfB Stuttgart|VfB Stuttgart|=|VfB Stuttgart|斯图加特
Union Berlin|=|=|=|=|柏林联合
Werder Bremen|=|=|=|=|云达不莱梅
Wolfsburg|=|VfL Wolfsburg|=|VfL Wolfsburg|沃尔夫斯堡
Alaves|=|Deportivo Alaves|Alavés|=|阿拉维斯
Almeria|=|=|Almería|=|阿尔梅里亚
Ath Bilbao|Athletic Club|Athletic Club|Athletic Club|Athletic Bilbao|毕尔巴鄂竞技
Ath Madrid|Atlético|Atletico Madrid|Atlético Madrid|Atletico Madrid|马德里竞技
Barcelona|=|=|=|=|巴塞罗那
Betis|Real Betis|Real Betis|=|Real Betis|皇家贝蒂斯
Cadiz|=|=|Cádiz|=|加的斯
Celta|Celta Vigo|Celta Vigo|Celta Vigo|Celta Vigo|塞尔塔
Eibar|=|=|=|=|埃瓦尔
Elche|=|=|=|=|埃尔切
Espanol|Espanyol|Espanyol|Espanyol|RCD Espanyol|西班牙人
Getafe|=|=|=|=|赫塔费
Girona|=|=|=|=|赫罗纳
Granada|=|=|=|=|格拉纳达
Huesca|=|SD Huesca|=|SD Huesca|韦斯卡
La Coruna|Deportivo|Deportivo La Coruña|La Coruña|Deportivo La Coruna|拉科鲁尼亚
Las Palmas|=|=|=|=|拉斯帕尔马斯
Leganes|=|=|Leganés|=|莱加内斯
Levante|=|=|=|=|莱万特
Malaga|=|=|Málaga|=|马拉加
Mallorca|=|RCD Mallorca|=|RCD Mallorca|马略卡
Osasuna|=|=|=|CA Osasuna|奥萨苏纳
Real Madrid|=|=|=|=|皇家马德里
Sevilla|=|=|=|=|塞维利亚
Sociedad|Real Sociedad|Real Sociedad|Real Sociedad|Real Sociedad|皇家社会
Valencia|=|=|=|=|瓦伦西亚
Valladolid|=|Real Valladolid|=|Real Valladolid|巴利亚多利德
Vallecano|Rayo Vallecano|Rayo Vallecano|Rayo Vallecano|Rayo Vallecano|巴列卡诺
Villarreal|=|=|=|=|比利亚雷亚尔
Atalanta|=|=|=|=|亚特兰大
Benevento|=|=|=|=|贝内文托
Bologna|=|=|=|=|博洛尼亚
Brescia|=|=|=|=|布雷西亚
Cagliari|=|=|=|=|卡利亚里
Chievo|=|Chievo Verona|=|Chievo|切沃
Cremonese|=|=|=|=|克雷莫内塞
Crotone|=|=|=|=|克罗托内
Empoli|=|=|=|=|恩波利
Fiorentina|=|=|=|=|佛罗伦萨
Frosinone|=|=|=|=|弗罗西诺内
Genoa|=|=|=|=|热那亚
Inter|=|=|Internazionale|Inter Milan|国际米兰
Juventus|=|=|=|=|尤文图斯
Lazio|=|=|=|=|拉齐奥
Lecce|=|=|=|=|莱切
Milan|=|AC Milan|=|AC Milan|AC米兰
Monza|=|=|=|=|蒙扎
Napoli|=|=|=|=|那不勒斯
Parma|=|=|=|=|帕尔马
Roma|=|AS Roma|=|AS Roma|罗马
Salernitana|=|=|=|=|萨勒尼塔纳
Sampdoria|=|=|=|=|桑普多利亚
Sassuolo|=|=|=|=|萨索洛
Spal|SPAL|SPAL|SPAL|SPAL|斯帕尔
Spezia|=|=|=|=|斯佩齐亚
Torino|=|=|=|=|都灵
Udinese|=|=|=|=|乌迪内斯
Venezia|=|=|=|=|威尼斯
Verona|Hellas Verona|Hellas Verona|Hellas Verona|Hellas Verona|维罗纳
Ajaccio|=|AC Ajaccio|=|AC Ajaccio|阿雅克肖
Amiens|=|Amiens SC|=|Amiens SC|亚眠
Angers|=|=|=|Angers SCO|昂热
Auxerre|=|AJ Auxerre|=|AJ Auxerre|欧塞尔
Bordeaux|=|=|=|Girondins Bordeaux|波尔多
Brest|=|=|=|Stade Brestois|布雷斯特
Caen|=|=|=|=|卡昂
Clermont|Clermont Foot|Clermont Foot|Clermont Foot|Clermont Foot|克莱蒙
Dijon|=|Dijon FCO|=|Dijon FCO|第戎
Guingamp|=|=|=|=|甘冈
Le Havre|=|=|=|Le Havre AC|勒阿弗尔
Lens|=|=|=|RC Lens|朗斯
Lille|=|=|=|Lille OSC|里尔
Lorient|=|=|=|FC Lorient|洛里昂
Lyon|=|=|=|Olympique Lyon|里昂
Marseille|=|=|=|Olympique Marseille|马赛
Metz|=|=|=|FC Metz|梅斯
Monaco|=|AS Monaco|=|AS Monaco|摩纳哥
Montpellier|=|=|=|Montpellier HSC|蒙彼利埃
Nantes|=|=|=|FC Nantes|南特
Nice|=|OGC Nice|=|OGC Nice|尼斯
Nimes|=|=|Nîmes|Nimes Olympique|尼姆
Paris SG|PSG|Paris Saint-Germain|Paris S-G|Paris Saint Germain|巴黎圣日耳曼
Reims|=|Stade de Reims|=|Stade de Reims|兰斯
Rennes|=|=|=|Stade Rennais|雷恩
St Etienne|Saint-Étienne|Saint-Étienne|Saint-Étienne|Saint Etienne|圣埃蒂安
Strasbourg|=|=|=|RC Strasbourg|斯特拉斯堡
Toulouse|=|=|=|Toulouse FC|图卢兹
Troyes|=|=|=|Troyes AC|特鲁瓦
"""


@cache
def real_club(name: str) -> Club:
    """Return the club that football-data.co.uk calls `name`."""
    return _table().get(name) or Club(
        key=name,
        fotmob_name=name,
        fotmob_long_name=name,
        fbref_name=name,
        titan_name=chinese_name(name),
        titan_name_en=name,
    )


@cache
def _table() -> dict[str, Club]:
    clubs = {}
    for line in _TABLE.strip().splitlines():
        key, *names = line.split("|")
        short, long, fbref, english, chinese = (key if name == "=" else name for name in names)
        clubs[key] = Club(
            key=key,
            fotmob_name=short,
            fotmob_long_name=long,
            fbref_name=fbref,
            titan_name=chinese,
            titan_name_en=english,
        )
    return clubs
