import { listDerived } from './derivation.js';
import { algorithmFor, stem } from './stemming.js';

/**
 * Everyday words of documents in German, English and French, a line for each meaning. Models of this size hardly
 * compare texts of two languages; the words of rules, prices and appointments are few.
 */
const lines = `
Fenster: window: fenêtre
Tür: door: porte
Wohnung Appartement: apartment flat: appartement logement
Haus Gebäude: house building: maison immeuble bâtiment
Zimmer Raum: room: chambre pièce salle
Küche: kitchen: cuisine
Bad Badezimmer: bathroom: bain
Garten: garden yard: jardin
Keller: cellar basement: cave
Parkplatz Stellplatz: parking: parking stationnement
Schlüssel: key: clé
Heizung: heating: chauffage
Möbel: furniture: meubles
Miete mieten: rent rental lease: loyer louer location
Mieter: tenant: locataire
Vermieter: landlord lessor: bailleur propriétaire
Mietvertrag: lease tenancy: bail
Kaution: deposit: dépôt caution
Nebenkosten Betriebskosten: charges utilities: charges
Vertrag: contract agreement: contrat
kündigen Kündigung: cancel terminate notice termination: résilier résiliation
Kündigungsfrist: notice: préavis
Frist: deadline period: délai
Laufzeit Dauer dauern: term duration last: durée durer
Unterschrift unterschreiben: signature sign: signature signer
Preis: price: prix
kosten Kosten: cost price fee: coûter coût frais
Gebühr: fee charge: frais taxe
Beitrag: fee contribution premium: cotisation
zahlen bezahlen Zahlung: pay payment paid: payer paiement
Rechnung: invoice bill: facture
Betrag Summe: amount sum total: montant somme
Gesamtbetrag gesamt: total: total
Rabatt Nachlass Ermäßigung: discount reduction: remise réduction
Skonto: discount: escompte
Steuer: tax: impôt taxe
Mehrwertsteuer Umsatzsteuer: VAT: TVA
Geld: money cash: argent
Bargeld: cash: espèces
Konto: account: compte
Zuschuss: grant subsidy allowance: subvention
Spende spenden: donation donate: don donner
Einnahme: income revenue: recette
Ausgabe: expense expenditure: dépense
Haushalt Budget: budget household: budget
Anzahlung: deposit: acompte
überweisen Überweisung: transfer: virement
fällig: due: échéance
Strafe Vertragsstrafe: penalty fine: pénalité amende
Erstattung erstatten: refund reimbursement reimburse: remboursement rembourser
Versicherung versichert: insurance insured: assurance assuré
Schaden: damage claim: dommage dégât sinistre
Garantie Gewährleistung: warranty guarantee: garantie
Diebstahl gestohlen: theft stolen steal: vol volé
Unfall: accident: accident
Selbstbeteiligung: excess deductible: franchise
Überschwemmung: flood: inondation
Feuer Brand: fire: feu incendie
Brandschutz: fire safety: incendie
Arbeit arbeiten: work job: travail travailler
Arbeitgeber: employer: employeur
Arbeitnehmer Mitarbeiter Beschäftigte: employee staff: salarié employé
Probezeit: probation trial: essai
Gehalt Lohn: salary wage pay: salaire
Überstunden: overtime: supplémentaires
Urlaub Urlaubstage Ferien: holiday vacation leave: congé vacances
Elternzeit: parental leave: parental
krank Krankheit Krankmeldung: ill sick illness sickness: malade maladie
Arzt: doctor physician: médecin
Bewerbung: application: candidature
Ausbildung: training education: formation
Abschluss: degree graduation: diplôme
Erfahrung: experience: expérience
Sprache: language: langue
Kenntnisse: skills knowledge: connaissances
Zeugnis: certificate reference: certificat
Führungskraft Vorgesetzte Chef: manager supervisor boss: supérieur chef
Leiter Leitung: head manager director lead: directeur responsable
Abteilung: department: service département
Büro: office: bureau
Besprechung Sitzung Versammlung: meeting: réunion séance assemblée
Protokoll: minutes: compte-rendu
Teilnehmer teilnehmen: participant attend: participant participer
Anwesend: present: présent
Beschluss beschließen: decision decide: décision
Vorstand: board committee: comité bureau
Vorsitzende: chair chairman president: président
Kassenwart Schatzmeister: treasurer: trésorier
Schriftführer: secretary: secrétaire
Mitglied Mitgliedschaft: member membership: membre adhésion
Verein: club association: association club
Satzung: statutes: statuts
Mehrheit: majority: majorité
Stimme abstimmen: vote: voix vote
Wahl wählen: election elect: élection
Freiwillige: volunteer: bénévole
Termin: appointment date: rendez-vous date
Datum: date: date
Tag: day: jour
Woche: week: semaine
Monat: month: mois
Jahr: year: an année
Stunde: hour: heure
Montag: monday: lundi
Dienstag: tuesday: mardi
Mittwoch: wednesday: mercredi
Donnerstag: thursday: jeudi
Freitag: friday: vendredi
Samstag: saturday: samedi
Sonntag: sunday: dimanche
Wochenende: weekend: week-end
Januar: january: janvier
Februar: february: février
März: march: mars
April: april: avril
Mai: may: mai
Juni: june: juin
Juli: july: juillet
August: august: août
Oktober: october: octobre
Dezember: december: décembre
Sommer: summer: été
Winter: winter: hiver
Weihnachten: christmas: noël
Feiertag: holiday: férié
Öffnungszeiten geöffnet öffnen: opening open: ouverture ouvert ouvrir
geschlossen schließen: closed close: fermé fermeture
Beginn beginnen anfangen starten: begin start commence: début commencer
Ende enden: end finish: fin finir
Verspätung verspätet spät: delay late: retard
Zug Bahn: train: train
Bahnhof: station: gare
Bus: bus coach: bus car
Flug: flight: vol
Flughafen: airport: aéroport
Schiff Fähre: ship boat ferry: bateau
Haltestelle: stop: arrêt
Fahrplan: timetable schedule: horaire
Abfahrt abfahren: departure leave depart: départ partir
Ankunft ankommen: arrival arrive: arrivée arriver
Fahrt Reise reisen: trip travel journey: voyage trajet
Klassenfahrt Ausflug: trip excursion: excursion sortie
Fahrkarte Ticket: ticket: billet
Rückflug Rückfahrt: return: retour
Gepäck Koffer: luggage baggage suitcase: bagage valise
Ausweis Pass: passport card: passeport carte
Buchung buchen: booking book reservation: réservation réserver
Stornierung stornieren: cancellation cancel: annulation annuler
Anreise: arrival check-in: arrivée
Abreise abreisen: departure leave check-out: départ
Ausland: abroad: étranger
Auto Wagen: car: voiture
Firmenwagen Dienstwagen: company car: voiture
Fahrrad: bicycle bike: vélo
Fahrer: driver: conducteur
Kind Kinder: child children: enfant
Erwachsene: adult: adulte
Eltern: parents: parents
Vater: father: père
Mutter: mother: mère
Familie: family: famille
Schüler: pupil student: élève
Studierende Student: student: étudiant
Lehrer: teacher: enseignant professeur
Schule: school: école
Kita Kindergarten Kindertagesstätte: nursery kindergarten childcare: crèche
Klasse: class year: classe
Hund: dog: chien
Katze: cat: chat
Tier Haustier: animal pet: animal
Gast Besucher: guest visitor: invité visiteur
Freund: friend: ami
Kunde: customer client: client
Lieferant: supplier: fournisseur
Hersteller: manufacturer: fabricant
Verkäufer: seller: vendeur
Käufer kaufen: buyer buy purchase: acheteur acheter
Nachbar: neighbour: voisin
Name: name: nom
Adresse Anschrift: address: adresse
Telefon Telefonnummer: phone telephone: téléphone
Handy: mobile phone: portable
Nummer: number: numéro
Alter: age: âge
Geburtsdatum geboren: birth born: naissance né
Größe groß: size large big: taille grand surface
Fläche: area surface: surface superficie
Länge lang: length long: longueur long
Breite breit: width wide: largeur
Höhe hoch: height high: hauteur
Gewicht wiegen schwer: weight weigh heavy: poids peser
Farbe: colour color: couleur
Menge Anzahl: quantity number amount: quantité nombre
Temperatur: temperature: température
Genauigkeit genau: accuracy precise accurate: précision
Leistung: power performance: puissance
Strom: electricity power: électricité courant
Spannung: voltage: tension
Verbrauch: consumption: consommation
Batterie Akku: battery: batterie pile
Gerät: device appliance: appareil
Maschine: machine: machine
Lager lagern: storage store warehouse stock: stock entrepôt
Lieferung liefern Lieferzeit: delivery deliver: livraison livrer
Versand: shipping: expédition
Paket: parcel package: colis
Bestellung bestellen: order: commande commander
Ware Artikel Produkt: goods item product: marchandise article produit
Ersatzteil: spare part: pièce
Reparatur reparieren: repair fix: réparation réparer
Wartung warten: maintenance: entretien
Reinigung reinigen putzen: cleaning clean: nettoyage nettoyer
Montage montieren: assembly mount install installation: montage
Einbau einbauen: installation install: installation installer
Anleitung: instructions manual: notice mode
Sicherheit: safety security: sécurité
Gefahr: danger hazard: danger
Fehler: error fault: erreur panne
Angebot: offer quote bid: offre devis
Ausschreibung: tender: appel
Auftrag: order contract: commande
Antrag beantragen: application apply request: demande demander
Anmeldung anmelden: registration register: inscription inscrire
Abmeldung: deregistration: désinscription
Genehmigung Zustimmung: approval permission consent: autorisation accord
erlaubt dürfen: allowed permitted: autorisé permis
verboten: forbidden prohibited: interdit
Pflicht: duty obligation: obligation
Recht: right law: droit
Regel Vorschrift: rule regulation: règle
Voraussetzung: requirement condition: condition
Ausnahme: exception: exception
Grund: reason: raison motif
Ziel: goal aim: objectif
Ergebnis: result: résultat
Bericht: report: rapport
Anlage Anhang: attachment appendix: annexe
Unterlagen Dokument: document: document
Formular: form: formulaire
Brief: letter: lettre
Frage: question: question
Antwort antworten: answer reply: réponse répondre
Beschwerde: complaint: réclamation plainte
Rückgabe zurückgeben zurückschicken: return: retour retourner rendre
Umtausch umtauschen: exchange: échange
Essen Mahlzeit: food meal lunch: repas nourriture
Frühstück: breakfast: petit-déjeuner
Getränk trinken: drink: boisson boire
Zutaten: ingredients: ingrédients
Rezept: recipe prescription: recette ordonnance
Kartoffel: potato: pomme
Linsen: lentils: lentilles
Zwiebel: onion: oignon
Milch: milk: lait
Käse: cheese: fromage
Fleisch: meat: viande
Gemüse: vegetables: légumes
Salz: salt: sel
Zucker: sugar: sucre
Wasser: water: eau
Suppe: soup: soupe
kochen: cook boil: cuire
backen: bake: cuire
Allergie: allergy allergen: allergie allergène
Kleidung: clothes clothing: vêtements
Schuhe: shoes boots: chaussures
Ort Standort: place location: lieu endroit
Straße: street road: rue route
Stadt: city town: ville
Land: country: pays
Eingang: entrance: entrée
Ausgang: exit: sortie
Notfall: emergency: urgence
Notausgang: emergency exit: issue
Hilfe: help: aide
Kennwort Passwort: password: passe
Computer Rechner: computer: ordinateur
Drucker drucken: printer print: imprimante imprimer
Bildschirm: screen monitor: écran
Software Programm: software program: logiciel programme
Datei: file: fichier
Daten: data: données
Datenschutz: privacy: confidentialité
Löschung löschen: delete deletion: supprimer effacer
Mitarbeiterin Kollege: colleague: collègue
Brille Schutzbrille: glasses goggles: lunettes
Handschuhe: gloves: gants
Helm: helmet: casque
Schraube: screw bolt: vis
Öl: oil: huile
Rauchmelder: smoke detector alarm: détecteur
Rauchen rauchen: smoke smoking: fumer
Lärm laut: noise loud: bruit
Ruhe Ruhezeit: quiet rest: silence repos
Müll Abfall: waste rubbish garbage: déchets ordures
Nacht: night: nuit
Morgen: morning: matin
Abend: evening: soir
Schwangerschaft schwanger: pregnancy pregnant: grossesse enceinte
Tod gestorben: death died: décès mort
Geburt: birth: naissance
Hochzeit heiraten: wedding marriage: mariage
verheiratet: married: marié
Training trainieren: training train: entraînement
Trainer: trainer coach: entraîneur
Mannschaft: team: équipe
Spiel: game match: jeu match
Bücher Buch: book: livre
Bibliothek Bücherei: library: bibliothèque
ausleihen Ausleihe: borrow loan: emprunter prêt
verlängern Verlängerung: renew extend extension: prolonger renouveler
verloren verlieren: lost lose: perdu perdre
mitbringen bringen: bring: apporter
benutzen nutzen Nutzung: use: utiliser utilisation
ändern Änderung: change amend: modifier modification
`;

const languages = ['de', 'en', 'fr'] as const;
type Known = (typeof languages)[number];
const isKnown = (language: string | null): language is Known => languages.some((known) => known === language);

const algorithm = (language: Known) => algorithmFor('latin', language);
const toTerm = (word: string, language: Known): string => stem(word.toLowerCase(), algorithm(language));

/** For each language the meanings of a term: a line each, with the terms in every language. */
let meanings: Map<string, Record<Known, string[]>[]> | undefined;
function load(): Map<string, Record<Known, string[]>[]> {
  const found = new Map<string, Record<Known, string[]>[]>();
  for (const line of lines.trim().split('\n')) {
    const [de = [], en = [], fr = []] = line
      .split(': ')
      .map((words, at) => words.split(' ').map((word) => toTerm(word, languages[at] ?? 'en')));
    const meaning = { de, en, fr };
    for (const language of languages)
      for (const term of new Set(meaning[language])) {
        const key = `${language} ${term}`;
        found.set(key, [...(found.get(key) ?? []), meaning]);
      }
  }
  return found;
}

/**
 * Terms that say in one language what a term says in another: `window` for `fenst`. Empty for other languages
 * and for other words.
 * @param term of the index
 */
export function listTranslations(term: string, from: string | null, to: string | null): string[] {
  if (!isKnown(from) || !isKnown(to) || from === to) return [];
  meanings ??= load();
  const known = meanings;
  const own = known.get(`${from} ${term}`);
  const meant = own ?? listDerived(term, from).flatMap((form) => known.get(`${from} ${form}`) ?? []);
  return [...new Set(meant.flatMap((meaning) => meaning[to]))];
}
