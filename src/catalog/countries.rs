//! English names of countries.

/// ISO 3166 codes, current and withdrawn, with the usual English names.
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
ZW Zimbabwe";

/// Returns the English name of an ISO 3166 code (`JP`), or the code itself if it is unknown.
pub fn name(code: &str) -> String {
    let country =
        NAMES.split('|').find_map(|country| country.strip_prefix(code)?.strip_prefix(' '));
    country.unwrap_or(code).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_returns_the_country_or_the_unknown_code() {
        let names: Vec<_> = ["AD", "JP", "SU", "ZW", "XX", ""].map(name).into();
        assert_eq!(names, ["Andorra", "Japan", "Soviet Union", "Zimbabwe", "XX", ""]);
    }
}
