//! Names of countries, their codes and other spellings.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::fold::fold;

/// ISO 3166 codes, also of former countries, with the usual English names.
const NAMES: &str = "AD Andorra|AE United Arab Emirates|AF Afghanistan|AL Albania|AM Armenia|\
AO Angola|AR Argentina|AT Austria|AU Australia|AZ Azerbaijan|BA Bosnia and Herzegovina|\
BD Bangladesh|BE Belgium|BF Burkina Faso|BG Bulgaria|BH Bahrain|BI Burundi|BJ Benin|BN Brunei|\
BO Bolivia|BR Brazil|BS Bahamas|BT Bhutan|BW Botswana|BY Belarus|CA Canada|\
CD Democratic Republic of the Congo|CF Central African Republic|CG Republic of the Congo|\
CH Switzerland|CI Ivory Coast|CL Chile|CM Cameroon|CN China|CO Colombia|CR Costa Rica|\
CS Czechoslovakia|CU Cuba|CV Cape Verde|CY Cyprus|CZ Czech Republic|DD East Germany|DE Germany|\
DJ Djibouti|DK Denmark|DO Dominican Republic|DZ Algeria|EC Ecuador|EE Estonia|EG Egypt|\
ER Eritrea|ES Spain|ET Ethiopia|FI Finland|FJ Fiji|FO Faroe Islands|FR France|GA Gabon|\
GB United Kingdom|GE Georgia|GH Ghana|GL Greenland|GM Gambia|GN Guinea|GP Guadeloupe|\
GR Greece|GT Guatemala|GW Guinea-Bissau|GY Guyana|HK Hong Kong|HN Honduras|HR Croatia|HT Haiti|\
HU Hungary|ID Indonesia|IE Ireland|IL Israel|IN India|IQ Iraq|IR Iran|IS Iceland|IT Italy|\
JM Jamaica|JO Jordan|JP Japan|KE Kenya|KG Kyrgyzstan|KH Cambodia|KP North Korea|KR South Korea|\
KW Kuwait|KZ Kazakhstan|LA Laos|LB Lebanon|LI Liechtenstein|LK Sri Lanka|LR Liberia|LS Lesotho|\
LT Lithuania|LU Luxembourg|LV Latvia|LY Libya|MA Morocco|MC Monaco|MD Moldova|ME Montenegro|\
MG Madagascar|MK North Macedonia|ML Mali|MM Myanmar|MN Mongolia|MO Macau|MQ Martinique|\
MR Mauritania|MT Malta|MU Mauritius|MV Maldives|MW Malawi|MX Mexico|MY Malaysia|MZ Mozambique|\
NA Namibia|NE Niger|NG Nigeria|NI Nicaragua|NL Netherlands|NO Norway|NP Nepal|NZ New Zealand|\
OM Oman|PA Panama|PE Peru|PG Papua New Guinea|PH Philippines|PK Pakistan|PL Poland|\
PR Puerto Rico|PS Palestine|PT Portugal|PY Paraguay|QA Qatar|RO Romania|RS Serbia|RU Russia|\
RW Rwanda|SA Saudi Arabia|SD Sudan|SE Sweden|SG Singapore|SI Slovenia|SK Slovakia|\
SL Sierra Leone|SM San Marino|SN Senegal|SO Somalia|SS South Sudan|SU Soviet Union|\
SV El Salvador|SY Syria|TD Chad|TG Togo|TH Thailand|TJ Tajikistan|TM Turkmenistan|TN Tunisia|\
TR Turkey|TT Trinidad and Tobago|TW Taiwan|TZ Tanzania|UA Ukraine|UG Uganda|UK United Kingdom|\
US United States|UY Uruguay|UZ Uzbekistan|VA Vatican City|VE Venezuela|VN Vietnam|\
XC Czechoslovakia|XG East Germany|XK Kosovo|YE Yemen|YU Yugoslavia|ZA South Africa|ZM Zambia|\
ZW Zimbabwe|AG Antigua and Barbuda|AW Aruba|BB Barbados|BM Bermuda|BZ Belize|DM Dominica|\
FM Micronesia|GD Grenada|GF French Guiana|GI Gibraltar|GQ Equatorial Guinea|GU Guam|KI Kiribati|\
KM Comoros|KN Saint Kitts and Nevis|LC Saint Lucia|MH Marshall Islands|NC New Caledonia|NR Nauru|\
PF French Polynesia|PW Palau|RE Réunion|SB Solomon Islands|SC Seychelles|SR Suriname|\
ST São Tomé and Príncipe|SZ Eswatini|TL East Timor|TO Tonga|TV Tuvalu|\
VC Saint Vincent and the Grenadines|VU Vanuatu|WS Samoa";

/// Countries without a code of their own.
const FORMER: [&str; 14] = [
    "West Germany",
    "British India",
    "Ottoman Empire",
    "Austria-Hungary",
    "Russian Empire",
    "Weimar Republic",
    "Korea",
    "North Vietnam",
    "South Vietnam",
    "Serbia and Montenegro",
    "Federal Republic of Yugoslavia",
    "Zaire",
    "Palestinian Territories",
    "Netherlands Antilles",
];

/// ISO 3166 codes of three letters, each after the one of two.
const THREE_LETTERS: &str = "ADAND AEARE AFAFG ALALB AMARM AOAGO ARARG ATAUT AUAUS AZAZE BABIH BDBGD \
BEBEL BFBFA BGBGR BHBHR BIBDI BJBEN BNBRN BOBOL BRBRA BSBHS BTBTN BWBWA BYBLR CACAN CDCOD CFCAF CGCOG \
CHCHE CICIV CLCHL CMCMR CNCHN COCOL CRCRI CUCUB CVCPV CYCYP CZCZE DEDEU DJDJI DKDNK DODOM DZDZA ECECU \
EEEST EGEGY ERERI ESESP ETETH FIFIN FJFJI FOFRO FRFRA GAGAB GBGBR GEGEO GHGHA GLGRL GMGMB GNGIN GPGLP \
GRGRC GTGTM GWGNB GYGUY HKHKG HNHND HRHRV HTHTI HUHUN IDIDN IEIRL ILISR ININD IQIRQ IRIRN ISISL ITITA \
JMJAM JOJOR JPJPN KEKEN KGKGZ KHKHM KPPRK KRKOR KWKWT KZKAZ LALAO LBLBN LILIE LKLKA LRLBR LSLSO LTLTU \
LULUX LVLVA LYLBY MAMAR MCMCO MDMDA MEMNE MGMDG MKMKD MLMLI MMMMR MNMNG MOMAC MQMTQ MRMRT MTMLT MUMUS \
MVMDV MWMWI MXMEX MYMYS MZMOZ NANAM NENER NGNGA NINIC NLNLD NONOR NPNPL NZNZL OMOMN PAPAN PEPER PGPNG \
PHPHL PKPAK PLPOL PRPRI PSPSE PTPRT PYPRY QAQAT ROROU RSSRB RURUS RWRWA SASAU SDSDN SESWE SGSGP SISVN \
SKSVK SLSLE SMSMR SNSEN SOSOM SSSSD SUSUN SVSLV SYSYR TDTCD TGTGO THTHA TJTJK TMTKM TNTUN TRTUR TTTTO \
TWTWN TZTZA UAUKR UGUGA USUSA UYURY UZUZB VAVAT VEVEN VNVNM XKXKX YEYEM YUYUG ZAZAF ZMZMB ZWZWE";

/// Other spellings, folded, each with its code.
const SPELLINGS: [(&str, &str); 62] = [
    ("united states of america", "US"),
    ("the united states", "US"),
    ("u s a", "US"),
    ("u s", "US"),
    ("america", "US"),
    ("great britain", "GB"),
    ("u k", "GB"),
    ("united kingdom of great britain and northern ireland", "GB"),
    ("england", "GB"),
    ("scotland", "GB"),
    ("wales", "GB"),
    ("northern ireland", "GB"),
    ("russian federation", "RU"),
    ("republic of korea", "KR"),
    ("korea republic of", "KR"),
    ("korea south", "KR"),
    ("democratic peoples republic of korea", "KP"),
    ("korea north", "KP"),
    ("peoples republic of china", "CN"),
    ("china mainland", "CN"),
    ("mainland china", "CN"),
    ("republic of china", "TW"),
    ("taiwan province of china", "TW"),
    ("hong kong sar china", "HK"),
    ("hong kong sar", "HK"),
    ("british hong kong", "HK"),
    ("macao", "MO"),
    ("islamic republic of iran", "IR"),
    ("iran islamic republic of", "IR"),
    ("syrian arab republic", "SY"),
    ("viet nam", "VN"),
    ("czechia", "CZ"),
    ("slovak republic", "SK"),
    ("turkiye", "TR"),
    ("holland", "NL"),
    ("the netherlands", "NL"),
    ("kingdom of the netherlands", "NL"),
    ("kingdom of denmark", "DK"),
    ("republic of ireland", "IE"),
    ("eire", "IE"),
    ("bosnia", "BA"),
    ("macedonia", "MK"),
    ("republic of macedonia", "MK"),
    ("burma", "MM"),
    ("cote d ivoire", "CI"),
    ("cote divoire", "CI"),
    ("congo democratic republic of the", "CD"),
    ("dr congo", "CD"),
    ("congo kinshasa", "CD"),
    ("congo", "CG"),
    ("ussr", "SU"),
    ("union of soviet socialist republics", "SU"),
    ("soviet russia", "SU"),
    ("german democratic republic", "DD"),
    ("gdr", "DD"),
    ("federal republic of germany", "DE"),
    ("socialist federal republic of yugoslavia", "YU"),
    ("uae", "AE"),
    ("state of palestine", "PS"),
    ("palestinian territory", "PS"),
    ("holy see", "VA"),
    ("bolivarian republic of venezuela", "VE"),
];

/// Folded names, codes and spellings with the usual English name.
static COUNTRIES: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let mut countries: HashMap<String, &'static str> =
        FORMER.iter().map(|name| (fold(name), *name)).collect();
    let mut by_code: HashMap<&str, &'static str> = HashMap::new();
    for (code, name) in NAMES.split('|').filter_map(|country| country.split_once(' ')) {
        by_code.insert(code, name);
        countries.insert(fold(code), name);
        countries.insert(fold(name), name);
    }
    let three = THREE_LETTERS.split(' ').filter_map(|codes| codes.split_at_checked(2));
    for (spelling, code) in three.map(|(two, three)| (three, two)).chain(SPELLINGS) {
        if let Some(name) = by_code.get(code) {
            countries.insert(fold(spelling), name);
        }
    }
    countries
});

/// Returns the usual English name of a country that is given by name, by another spelling of it, or by
/// an ISO 3166 code of two or three letters.
pub fn find(text: &str) -> Option<&'static str> {
    COUNTRIES.get(&fold(text)).copied()
}

/// The English name of an ISO 3166 code (`JP`); the code itself when it is unknown.
pub fn name(code: &str) -> String {
    let country =
        NAMES.split('|').find_map(|country| country.strip_prefix(code)?.strip_prefix(' '));
    country.unwrap_or(code).to_owned()
}

/// Adjectives of countries, with the country's name.
const ADJECTIVES: [(&str, &str); 44] = [
    ("american", "United States"),
    ("argentine", "Argentina"),
    ("australian", "Australia"),
    ("austrian", "Austria"),
    ("belgian", "Belgium"),
    ("brazilian", "Brazil"),
    ("british", "United Kingdom"),
    ("canadian", "Canada"),
    ("chilean", "Chile"),
    ("chinese", "China"),
    ("cuban", "Cuba"),
    ("czech", "Czech Republic"),
    ("czechoslovak", "Czechoslovakia"),
    ("danish", "Denmark"),
    ("dutch", "Netherlands"),
    ("egyptian", "Egypt"),
    ("finnish", "Finland"),
    ("french", "France"),
    ("georgian", "Georgia"),
    ("german", "Germany"),
    ("greek", "Greece"),
    ("hungarian", "Hungary"),
    ("icelandic", "Iceland"),
    ("indian", "India"),
    ("iranian", "Iran"),
    ("irish", "Ireland"),
    ("israeli", "Israel"),
    ("italian", "Italy"),
    ("japanese", "Japan"),
    ("korean", "South Korea"),
    ("mexican", "Mexico"),
    ("norwegian", "Norway"),
    ("polish", "Poland"),
    ("portuguese", "Portugal"),
    ("romanian", "Romania"),
    ("russian", "Russia"),
    ("senegalese", "Senegal"),
    ("south korean", "South Korea"),
    ("soviet", "Soviet Union"),
    ("spanish", "Spain"),
    ("swedish", "Sweden"),
    ("swiss", "Switzerland"),
    ("taiwanese", "Taiwan"),
    ("turkish", "Turkey"),
];

/// Returns the country of a lower-case adjective: "France" for "french".
pub fn of_adjective(adjective: &str) -> Option<&'static str> {
    let found = ADJECTIVES.iter().find(|(known, _)| *known == adjective);
    found.map(|(_, country)| *country)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_country_have_one_name() {
        for text in ["USA", "us", "U.S.A.", "United States", "United States of America"] {
            assert_eq!(find(text), Some("United States"), "{text}");
        }
        for (text, name) in [
            ("UK", "United Kingdom"),
            ("JPN", "Japan"),
            ("Korea, South", "South Korea"),
            ("Côte d'Ivoire", "Ivory Coast"),
            ("USSR", "Soviet Union"),
            ("West Germany", "West Germany"),
        ] {
            assert_eq!(find(text), Some(name), "{text}");
        }
        assert_eq!(find("Ruritania"), None);
    }

    #[test]
    fn adjectives_name_countries_of_the_list() {
        for (adjective, country) in ADJECTIVES {
            assert_eq!(of_adjective(adjective), Some(country));
            assert!(NAMES.split('|').any(|one| one.split_once(' ').unwrap().1 == country));
        }
    }

    #[test]
    fn name_returns_the_country_or_the_unknown_code() {
        let names: Vec<_> = ["AD", "JP", "SU", "ZW", "XX", ""].map(name).into();
        assert_eq!(names, ["Andorra", "Japan", "Soviet Union", "Zimbabwe", "XX", ""]);
    }
}
