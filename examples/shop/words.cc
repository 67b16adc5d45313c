#include "words.h"

#include <algorithm>
#include <iterator>

namespace shop {
namespace {

// clang-format off
constexpr Name kFirstNames[] = {
    {"Amélie", "amelie"}, {"Aisha", "aisha"}, {"Ana", "ana"}, {"Anna", "anna"}, {"Ahmed", "ahmed"},
    {"André", "andre"}, {"Björn", "bjorn"}, {"Brian", "brian"}, {"Camila", "camila"}, {"Carlos", "carlos"},
    {"Chloé", "chloe"}, {"Chinedu", "chinedu"}, {"Daniel", "daniel"}, {"Deepika", "deepika"}, {"Diego", "diego"},
    {"Elena", "elena"}, {"Emily", "emily"}, {"Emre", "emre"}, {"Esther", "esther"}, {"Fatima", "fatima"},
    {"Felix", "felix"}, {"Fernanda", "fernanda"}, {"François", "francois"}, {"Grace", "grace"}, {"Giulia", "giulia"},
    {"Hana", "hana"}, {"Hannah", "hannah"}, {"Hiroshi", "hiroshi"}, {"Ibrahim", "ibrahim"}, {"Ingrid", "ingrid"},
    {"Jack", "jack"}, {"Jakub", "jakub"}, {"James", "james"}, {"Jane", "jane"}, {"Javier", "javier"},
    {"João", "joao"}, {"José", "jose"}, {"Jürgen", "juergen"}, {"Kavita", "kavita"}, {"Keiko", "keiko"},
    {"Kwame", "kwame"}, {"Laila", "laila"}, {"Lars", "lars"}, {"Léa", "lea"}, {"Liam", "liam"},
    {"Linh", "linh"}, {"Łukasz", "lukasz"}, {"Luis", "luis"}, {"Magdalena", "magdalena"}, {"Malik", "malik"},
    {"Mary", "mary"}, {"Mateo", "mateo"}, {"Mei", "mei"}, {"Michael", "michael"}, {"Miriam", "miriam"},
    {"Ngozi", "ngozi"}, {"Nikhil", "nikhil"}, {"Noah", "noah"}, {"Nuria", "nuria"}, {"Olena", "olena"},
    {"Olivia", "olivia"}, {"Omar", "omar"}, {"Paul", "paul"}, {"Priya", "priya"}, {"Rachel", "rachel"},
    {"Rahul", "rahul"}, {"Renée", "renee"}, {"Rosa", "rosa"}, {"Samuel", "samuel"}, {"Sofía", "sofia"},
    {"Søren", "soren"}, {"Sunita", "sunita"}, {"Tariq", "tariq"}, {"Thomas", "thomas"}, {"Tomáš", "tomas"},
    {"Valentina", "valentina"}, {"Wei", "wei"}, {"Yusuf", "yusuf"}, {"Zainab", "zainab"}, {"Zoë", "zoe"},
};

constexpr Name kLastNames[] = {
    {"Abebe", "abebe"}, {"Ahmed", "ahmed"}, {"Álvarez", "alvarez"}, {"Anderson", "anderson"}, {"Andersson", "andersson"},
    {"Baker", "baker"}, {"Bauer", "bauer"}, {"Benali", "benali"}, {"Brown", "brown"}, {"Castillo", "castillo"},
    {"Chaudhry", "chaudhry"}, {"Chen", "chen"}, {"Clark", "clark"}, {"Cohen", "cohen"}, {"Costa", "costa"},
    {"Davis", "davis"}, {"Demir", "demir"}, {"Diallo", "diallo"}, {"Dubois", "dubois"}, {"Dvořák", "dvorak"},
    {"Eriksen", "eriksen"}, {"Evans", "evans"}, {"Fernández", "fernandez"}, {"Fischer", "fischer"}, {"Fontaine", "fontaine"},
    {"García", "garcia"}, {"Gonçalves", "goncalves"}, {"Green", "green"}, {"Gupta", "gupta"}, {"Haddad", "haddad"},
    {"Hansen", "hansen"}, {"Harris", "harris"}, {"Hernández", "hernandez"}, {"Ito", "ito"}, {"Ivanova", "ivanova"},
    {"Jackson", "jackson"}, {"Johnson", "johnson"}, {"Jones", "jones"}, {"Kaya", "kaya"}, {"Kelly", "kelly"},
    {"Kim", "kim"}, {"Kovács", "kovacs"}, {"Kowalska", "kowalska"}, {"Kumar", "kumar"}, {"Lefèvre", "lefevre"},
    {"Lewis", "lewis"}, {"López", "lopez"}, {"MacDonald", "macdonald"}, {"Martín", "martin"}, {"Mbeki", "mbeki"},
    {"Mensah", "mensah"}, {"Miller", "miller"}, {"Moreau", "moreau"}, {"Müller", "mueller"}, {"Murphy", "murphy"},
    {"Nakamura", "nakamura"}, {"Navarro", "navarro"}, {"Nguyễn", "nguyen"}, {"Novák", "novak"}, {"Nowak", "nowak"},
    {"O'Brien", "obrien"}, {"Okafor", "okafor"}, {"Okonkwo", "okonkwo"}, {"Olsen", "olsen"}, {"Papadopoulos", "papadopoulos"},
    {"Patel", "patel"}, {"Pereira", "pereira"}, {"Pérez", "perez"}, {"Popescu", "popescu"}, {"Rahman", "rahman"},
    {"Ramírez", "ramirez"}, {"Reyes", "reyes"}, {"Rossi", "rossi"}, {"Sánchez", "sanchez"}, {"Santos", "santos"},
    {"Sato", "sato"}, {"Schäfer", "schaefer"}, {"Sharma", "sharma"}, {"Silva", "silva"}, {"Singh", "singh"},
    {"Smith", "smith"}, {"Suzuki", "suzuki"}, {"Taylor", "taylor"}, {"Tran", "tran"}, {"Turner", "turner"},
    {"van Dijk", "vandijk"}, {"Walker", "walker"}, {"Wang", "wang"}, {"Weiß", "weiss"}, {"Williams", "williams"},
    {"Wójcik", "wojcik"}, {"Yamamoto", "yamamoto"}, {"Yılmaz", "yilmaz"}, {"Young", "young"}, {"Zhang", "zhang"},
};

constexpr const char* kStreets[] = {
    "Alder Street", "Avenue du Parc", "Birch Lane", "Calle de la Peña", "Canal Street", "Cedar Avenue", "Chestnut Road",
    "Chemin des Érables", "Church Street", "Dogwood Drive", "Elm Street", "Ferry Road", "Foundry Row", "Garden Way",
    "Harbour View", "Hazel Court", "Heron Place", "Juniper Street", "Kingfisher Lane", "Larkspur Lane", "Lindenstraße",
    "Magnolia Avenue", "Maple Street", "Mill Road", "Mission Boulevard", "Oak Street", "Orchard Lane", "Paseo del Río",
    "Pine Street", "Poplar Road", "Quay Street", "Rue Saint-Denis", "Sandpiper Way", "Spring Street", "Sycamore Street",
    "Tulip Lane", "Union Street", "Vine Street", "Walnut Street", "Willow Road",
};

constexpr City kCities[] = {
    {"Albuquerque", "871"}, {"Austin", "787"}, {"Boise", "837"}, {"Boston", "021"}, {"Cañon City", "812"},
    {"Chicago", "606"}, {"Coeur d'Alene", "838"}, {"Denver", "802"}, {"El Paso", "799"}, {"Española", "875"},
    {"Honolulu", "968"}, {"La Cañada", "910"}, {"Miami", "331"}, {"Milwaukee", "532"}, {"Minneapolis", "554"},
    {"Montréal", "H2X 1Y"}, {"New Orleans", "701"}, {"Oakland", "946"}, {"Peñasco", "875"}, {"Portland", "972"},
    {"Québec", "G1R 4S"}, {"San Antonio", "782"}, {"San José", "951"}, {"Seattle", "981"}, {"Trois-Rivières", "G9A 5H"},
};

constexpr const char* kMailDomains[] = {"example.com", "example.com", "example.org", "example.net",
                                        "mail.example", "mail.example", "post.example", "inbox.example"};

constexpr const char* kAreaCodes[] = {
    "202", "206", "212", "213", "215", "216", "303", "305", "312", "313", "314", "317", "323", "336", "347", "385",
    "402", "404", "412", "414", "415", "425", "503", "504", "510", "512", "513", "602", "612", "615", "617", "619",
    "646", "702", "704", "713", "718", "720", "732", "757", "773", "801", "816", "901", "916", "919",
};

constexpr const char* kStores[] = {"Harbour", "Old Mill", "Northgate", "Riverside", "Station", "Market Square"};

constexpr const char* kGoods[] = {"Teapot", "Rice Bowl", "Serving Plate", "Vase", "Linen Napkins", "Chef's Knife",
                                  "Cutting Board", "Café au Lait Cup", "Salad Bowl", "Candle", "Apron", "Sake Set"};

constexpr const char* kInterests[] = {"ceramics", "garden", "kitchen", "lighting", "textiles", "wine"};

constexpr const char* kTopics[] = {"delivery", "broken on arrival", "return", "invoice", "loyalty points", "gift card"};

constexpr const char* kLanguages[] = {"en", "en", "en", "es", "fr"};
// clang-format on

}  // namespace

std::span<const Name> FirstNames() {
  return kFirstNames;
}
std::span<const Name> LastNames() {
  return kLastNames;
}
std::span<const char* const> Streets() {
  return kStreets;
}
std::span<const City> Cities() {
  return kCities;
}
std::span<const char* const> MailDomains() {
  return kMailDomains;
}
std::span<const char* const> AreaCodes() {
  return kAreaCodes;
}
std::span<const char* const> Stores() {
  return kStores;
}
std::span<const char* const> Goods() {
  return kGoods;
}
int64_t PriceOf(std::string_view good) {
  constexpr int64_t kLeast = 900;
  constexpr int64_t kStep = 750;
  const auto at = std::find(std::begin(kGoods), std::end(kGoods), good);
  return kLeast + kStep * (at - std::begin(kGoods));
}
std::span<const char* const> Interests() {
  return kInterests;
}
std::span<const char* const> Topics() {
  return kTopics;
}
std::span<const char* const> Languages() {
  return kLanguages;
}

}  // namespace shop
