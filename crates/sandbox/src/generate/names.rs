//! The names, places, trades and titles that made-up worlds are drawn from.

pub(crate) const FIRST: &str = "Aaron Adele Ahmed Aisha Alan Alba Alejandro Alice Amara Amelia Ana Andre Andrea Anna Anton Antonia Arjun Astrid Beatriz Ben Bianca Björn Brian Camila Carla Carlos Caroline Chen Chiara Chloé Claire Clara Clément Dana Daniel David Deepa Diego Dmitri Dora Edith Elena Elias Elif Eliza Emeka Emil Emma Eric Esra Eva Fabian Fatima Felix Fiona Florian Francesca Franz Freya Gabriel Georg Giulia Grace Greta Gustavo Hannah Hans Harriet Hassan Helen Henrik Hugo Ian Ida Ines Ingrid Irene Isaac Isabel Ivan Jack Jamal James Jana Jan Jasmine Javier Jens Jessica Joana João Johan Jonas José Julia Julian Karin Karl Katarzyna Kenji Kevin Klara Kwame Lara Laura Lea Leila Leo Liam Lina Linda Liv Louis Lucía Luis Luka Magnus Maja Malik Marc Marek Maria Marta Martin Mateo Mei Michael Miguel Mila Mohammed Monika Nadia Naomi Nathan Nico Nina Nora Olga Oliver Olivia Omar Oscar Pablo Patricia Paul Paula Pedro Petra Philip Pia Priya Rachel Rafael Rania Raúl Rebecca Robert Rosa Ruth Ryan Sabine Samir Samuel Sandra Sara Sebastian Selma Simon Sofia Sophie Stefan Stella Susan Søren Tanja Teresa Theo Thomas Tim Tobias Tomás Ursula Valentina Vera Victor Vikram Walter Wendy William Xavier Yara Yusuf Zoë";
pub(crate) const LAST: &str = "Abbott Adeyemi Aguilar Ahmed Alvarez Andersen Andersson Bailey Baker Barbosa Bauer Becker Bell Bennett Bergmann Bianchi Blanc Brandt Brennan Brooks Brown Bruno Campbell Carter Castillo Chen Clark Colombo Conti Cooper Costa Cruz Dahl Davies Delgado Diaz Dubois Dupont Edwards Eriksson Esposito Evans Fernández Ferrari Fischer Fontaine Foster Fournier Franklin Fuchs García Gomez González Gray Green Greco Gruber Gupta Hall Hansen Harris Hartmann Hayes Heikkinen Hernández Hoffmann Holm Howard Huber Hughes Ivanov Iyer Jackson Jansen Jensen Jiménez Johansson Jones Kaiser Kapoor Karlsson Keller Kelly Khan Kim King Klein Koch Kowalski Kraus Kumar Lambert Lang Larsen Laurent Lee Lefèvre Lehmann Lewis Lindberg Lombardi López Lund Maier Mancini Marino Marshall Martin Martínez Mehta Mensah Meyer Miller Molina Moore Morales Moreau Moretti Morgan Müller Murphy Nakamura Navarro Nelson Neumann Nguyen Nielsen Nilsson Novak Okafor Olsen Ortega Owens Park Patel Pereira Pérez Peters Petrov Phillips Popescu Quinn Ramírez Reed Reyes Ricci Rinaldi Rivera Roberts Robinson Rodríguez Romano Rossi Roux Russell Sánchez Santos Sato Schmid Schneider Schulz Schwarz Scott Sharma Silva Simon Singh Smith Sousa Stein Stewart Suzuki Svensson Taylor Thompson Torres Turner Vargas Vega Virtanen Vogel Wagner Walker Wang Ward Watson Weber Weiss White Williams Winter Wolf Wood Wright Yamada Yılmaz Young Zhang Zimmermann";
pub(crate) const FIRM_HEAD: &str = "Alder Amber Anchor Apex Arbor Argent Aspen Atlas Aurora Beacon Birch Blue Bold Bright Cedar Cinder Clear Cobalt Copper Coral Crest Delta Drift Eagle East Echo Elm Ember Evergrove Falcon Fern First Flint Fox Garnet Glacier Gold Granite Green Grove Harbor Haven Hazel High Hill Indigo Iron Ivy Jade Juniper Keystone Lake Lark Laurel Lumen Maple Meadow Meridian Mill Moon Mountain North Nova Oak Ocean Olive Onyx Opal Orchid Otter Pacific Peak Pearl Pine Pioneer Prairie Prime Quarry Quartz Rapid Raven Red Ridge River Rowan Ruby Sable Sage Sand Sequoia Silver Sky Slate Solar South Spruce Star Stone Summit Sun Swift Teal Terra Thistle Tidal Timber Union Valley Vector Violet Vista West Willow Wind Wren";
pub(crate) const FIRM_TAIL: &str = "bank base bay beam bridge brook cliff core craft crest dale edge field fleet forge ford gate grid haven helm hub lab lane leaf light line link loop mark mill mind path peak point port quay reach rise rock shore side song source spark spring stack stead stream vale view wave way well wick wood works yard";
pub(crate) const FIRM_KIND: &[(&str, &str, &str)] = &[
    ("Software", "software", "COMPUTER_SOFTWARE"),
    ("Analytics", "analytics", "INFORMATION_TECHNOLOGY_AND_SERVICES"),
    ("Logistics", "logistics", "LOGISTICS_AND_SUPPLY_CHAIN"),
    ("Capital", "capital", "FINANCIAL_SERVICES"),
    ("Health", "health", "HOSPITAL_HEALTH_CARE"),
    ("Foods", "foods", "FOOD_BEVERAGES"),
    ("Robotics", "robotics", "INDUSTRIAL_AUTOMATION"),
    ("Media", "media", "MEDIA_PRODUCTION"),
    ("Consulting", "consulting", "MANAGEMENT_CONSULTING"),
    ("Energy", "energy", "RENEWABLES_ENVIRONMENT"),
    ("Insurance", "insurance", "INSURANCE"),
    ("Retail", "retail", "RETAIL"),
];
/// Legal form, city, state, country, top-level domain, phone prefix, digits after it.
pub(crate) const PLACE: &[(&str, &str, &str, &str, &str, &str, usize)] = &[
    ("Inc.", "Boston", "Massachusetts", "United States", "com", "+1 617 555 01", 2),
    ("LLC", "Denver", "Colorado", "United States", "com", "+1 303 555 01", 2),
    ("Inc.", "Austin", "Texas", "United States", "io", "+1 512 555 01", 2),
    ("Corp.", "Chicago", "Illinois", "United States", "com", "+1 312 555 01", 2),
    ("Ltd", "Leeds", "England", "United Kingdom", "co.uk", "+44 113 496 0", 3),
    ("Ltd", "London", "England", "United Kingdom", "com", "+44 20 7946 0", 3),
    ("GmbH", "Berlin", "Berlin", "Germany", "de", "+49 30 23125 ", 3),
    ("GmbH", "Munich", "Bavaria", "Germany", "de", "+49 89 99998 ", 3),
    ("SAS", "Lyon", "Auvergne-Rhône-Alpes", "France", "fr", "+33 4 65 71 ", 4),
    ("B.V.", "Utrecht", "Utrecht", "Netherlands", "nl", "+31 30 242 1", 3),
    ("AB", "Malmö", "Skåne", "Sweden", "se", "+46 40 628 ", 4),
    ("S.L.", "Valencia", "Valencia", "Spain", "es", "+34 960 15 ", 4),
];
pub(crate) const TITLE: &[(&str, &str)] = &[
    ("Chief Executive Officer", "c_suite"),
    ("Chief Revenue Officer", "c_suite"),
    ("Chief Technology Officer", "c_suite"),
    ("VP of Sales", "vp"),
    ("VP of Marketing", "vp"),
    ("VP of Operations", "vp"),
    ("Head of Revenue Operations", "head"),
    ("Head of Growth", "head"),
    ("Head of Procurement", "head"),
    ("Director of Demand Generation", "director"),
    ("Director of Finance", "director"),
    ("Director of IT", "director"),
    ("Sales Operations Manager", "manager"),
    ("Marketing Manager", "manager"),
    ("Product Manager", "manager"),
    ("Senior Account Executive", "senior"),
    ("Senior Data Engineer", "senior"),
    ("Business Analyst", "entry"),
    ("Sales Development Representative", "entry"),
    ("Office Coordinator", "entry"),
];
pub(crate) const STAGE: &[&str] = &["subscriber", "lead", "lead", "marketingqualifiedlead", "opportunity", "customer"];
