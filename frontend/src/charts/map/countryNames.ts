/** Countries by their names and their ISO codes, for values that are written so. */

import { language } from "@/format/locale";

/** Two letters, three letters and the number by which the atlas knows it. */
const CODES =
  "AEARE784 AFAFG004 ALALB008 AMARM051 AOAGO024 AQATA010 ARARG032 ATAUT040 AUAUS036 AZAZE031 BABIH070 BDBGD050 " +
  "BEBEL056 BFBFA854 BGBGR100 BIBDI108 BJBEN204 BNBRN096 BOBOL068 BRBRA076 BSBHS044 BTBTN064 BWBWA072 BYBLR112 " +
  "BZBLZ084 CACAN124 CDCOD180 CFCAF140 CGCOG178 CHCHE756 CICIV384 CLCHL152 CMCMR120 CNCHN156 COCOL170 CRCRI188 " +
  "CUCUB192 CYCYP196 CZCZE203 DEDEU276 DJDJI262 DKDNK208 DODOM214 DZDZA012 ECECU218 EEEST233 EGEGY818 EHESH732 " +
  "ERERI232 ESESP724 ETETH231 FIFIN246 FJFJI242 FKFLK238 FRFRA250 GAGAB266 GBGBR826 GEGEO268 GHGHA288 GLGRL304 " +
  "GMGMB270 GNGIN324 GQGNQ226 GRGRC300 GTGTM320 GWGNB624 GYGUY328 HNHND340 HRHRV191 HTHTI332 HUHUN348 IDIDN360 " +
  "IEIRL372 ILISR376 ININD356 IQIRQ368 IRIRN364 ISISL352 ITITA380 JMJAM388 JOJOR400 JPJPN392 KEKEN404 KGKGZ417 " +
  "KHKHM116 KPPRK408 KRKOR410 KWKWT414 KZKAZ398 LALAO418 LBLBN422 LKLKA144 LRLBR430 LSLSO426 LTLTU440 LULUX442 " +
  "LVLVA428 LYLBY434 MAMAR504 MDMDA498 MEMNE499 MGMDG450 MKMKD807 MLMLI466 MMMMR104 MNMNG496 MRMRT478 MWMWI454 " +
  "MXMEX484 MYMYS458 MZMOZ508 NANAM516 NCNCL540 NENER562 NGNGA566 NINIC558 NLNLD528 NONOR578 NPNPL524 NZNZL554 " +
  "OMOMN512 PAPAN591 PEPER604 PGPNG598 PHPHL608 PKPAK586 PLPOL616 PRPRI630 PSPSE275 PTPRT620 PYPRY600 QAQAT634 " +
  "ROROU642 RSSRB688 RURUS643 RWRWA646 SASAU682 SBSLB090 SDSDN729 SESWE752 SISVN705 SKSVK703 SLSLE694 SNSEN686 " +
  "SOSOM706 SRSUR740 SSSSD728 SVSLV222 SYSYR760 SZSWZ748 TDTCD148 TFATF260 TGTGO768 THTHA764 TJTJK762 TLTLS626 " +
  "TMTKM795 TNTUN788 TRTUR792 TTTTO780 TWTWN158 TZTZA834 UAUKR804 UGUGA800 USUSA840 UYURY858 UZUZB860 VEVEN862 " +
  "VNVNM704 VUVUT548 YEYEM887 ZAZAF710 ZMZMB894 ZWZWE716";

/** Names that are common beside those that the browser knows. */
const ALSO =
  "US USA;US U.S.A.;US U.S.;US United States of America;CD Democratic Republic of the Congo;CD DR Congo;CG Republic of the Congo;CG Congo;" +
  "RU Russian Federation;CI Ivory Coast;CI Cote d'Ivoire;GM The Gambia;AE UAE;LA Lao People's Democratic Republic;" +
  "KR Korea, Republic of;KR Republic of Korea;KP Democratic People's Republic of Korea;IR Islamic Republic of Iran;" +
  "IR Iran, Islamic Republic of;SY Syrian Arab Republic;MD Moldova, Republic of;CN People's Republic of China;GB UK;GB Great Britain;" +
  "GB England;BN Brunei Darussalam;CZ Czech Republic;MK Macedonia;SZ Swaziland;TR Turkey;MM Burma;MM Myanmar;VN Viet Nam;PS Palestine;" +
  "TZ United Republic of Tanzania;TZ Tanzania, United Republic of;BO Bolivia, Plurinational State of;VE Venezuela, Bolivarian Republic of;" +
  "TW Taiwan, Province of China;NL Holland";

/** Languages in which a value may name a country, beside the reader's own. */
const LANGUAGES = ["en", "de", "es", "fr", "zh"];

const folded = (text: string) =>
  text
    .trim()
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll("&", " and ")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .replace(/^the /, "")
    .trim();

interface Known {
  /** By what is written. */
  numbers: Map<string, string>;
  /** By the atlas's number. */
  names: Map<string, string>;
}

let held: Known | null = null;

function known(): Known {
  if (held) return held;
  const numbers = new Map<string, string>();
  const names = new Map<string, string>();
  const own = new Map<string, string>();
  const speakers = [...LANGUAGES, language()].map(
    (each) => new Intl.DisplayNames([each, "en"], { type: "region" }),
  );
  for (const each of CODES.split(" ")) {
    const [two, three, number] = [each.slice(0, 2), each.slice(2, 5), each.slice(5)];
    own.set(two, number);
    for (const written of [two, three, ...speakers.map((speaker) => speaker.of(two) ?? two)])
      numbers.set(folded(written), number);
    names.set(number, speakers.at(-1)?.of(two) ?? two);
  }
  for (const each of ALSO.split(";")) {
    const number = own.get(each.slice(0, 2));
    if (number) numbers.set(folded(each.slice(3)), number);
  }
  held = { numbers, names };
  return held;
}

/** The country by the atlas's number; null for what is none. */
export const countryNumber = (text: string): string | null => known().numbers.get(folded(text)) ?? null;

/** As the reader's language calls it. */
export const countryName = (number: string): string | undefined => known().names.get(number);
