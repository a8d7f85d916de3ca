// Draws the pages of test/files/ocr: printed text as a scanner gives it,
// with the text beside it. Needs the fonts Liberation Serif and Sans.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

const folder = new URL('../test/files/ocr/', import.meta.url).pathname;
const a4 = { width: 8.27, height: 11.69 };
const margin = 0.9;

const english = `Maintenance of the cooling plant

The cooling plant of hall 4 is inspected every 90 days. The technician checks the pressure of both circuits, cleans the filters and writes the readings into the log. A pressure below 2.4 bar must be reported to the shift leader at once.

Filters are changed after 1,200 hours of operation, in summer after 900 hours. Used filters are hazardous waste: they go into the yellow drum beside the gate and never into the general waste.

The plant may be switched off for at most 45 minutes while the laboratory is in use. Whoever switches it off signs the sheet at the door and tells the laboratory by telephone, extension 3317.

Spare parts

The store keeps two pumps of type KP-80, four filter sets and one control board. Orders are placed by the workshop with the form W-12. Delivery takes about three weeks, for the control board up to eight.

If the alarm sounds, leave the hall by the nearest exit and meet at the bicycle shed. Do not use the lift. The fire warden counts those present and informs the fire brigade of anybody missing.`;

const german = `Wartung der Kühlanlage

Die Kühlanlage der Halle 4 wird alle 90 Tage geprüft. Der Techniker misst den Druck beider Kreisläufe, reinigt die Filter und trägt die Werte in das Betriebsbuch ein. Ein Druck unter 2,4 bar ist der Schichtleitung sofort zu melden.

Die Filter werden nach 1.200 Betriebsstunden gewechselt, im Sommer nach 900 Stunden. Gebrauchte Filter sind Sondermüll: Sie gehören in das gelbe Fass neben dem Tor und niemals in den Hausmüll.

Solange im Labor gearbeitet wird, darf die Anlage höchstens 45 Minuten abgeschaltet werden. Wer sie abschaltet, unterschreibt die Liste an der Tür und gibt dem Labor unter der Durchwahl 3317 Bescheid.

Ersatzteile

Im Lager liegen zwei Pumpen der Bauart KP-80, vier Filtersätze und eine Steuerplatine. Bestellungen gibt die Werkstatt mit dem Vordruck W-12 auf. Die Lieferung dauert ungefähr drei Wochen, bei der Platine bis zu acht.

Ertönt der Alarm, so ist die Halle durch den nächsten Ausgang zu verlassen. Treffpunkt ist der Fahrradschuppen. Der Aufzug darf nicht benutzt werden. Größere Schäden übernimmt die Versicherung.`;

const noise = (width, height, strength) =>
  sharp({
    create: {
      width,
      height,
      channels: 3,
      background: '#fff',
      noise: { type: 'gaussian', mean: 255 - strength, sigma: strength },
    },
  })
    .greyscale()
    .png()
    .toBuffer();

async function page(text, { dpi, font, degrees = 0.6, quality = 60 }) {
  const width = Math.round(a4.width * dpi);
  const height = Math.round(a4.height * dpi);
  const inner = Math.round((a4.width - 2 * margin) * dpi);
  const drawn = await sharp({ text: { text, width: inner, dpi, font: `${font} 11`, rgba: true } })
    .png()
    .toBuffer();
  const sheet = await sharp({ create: { width, height, channels: 3, background: '#fff' } })
    .composite([{ input: drawn, left: Math.round(margin * dpi), top: Math.round(margin * dpi) }])
    .png()
    .toBuffer();
  const skewed = await sharp(sheet)
    .rotate(degrees, { background: '#fff' })
    .resize(width, height)
    .png()
    .toBuffer();
  return sharp(skewed)
    .composite([{ input: await noise(width, height, 6), blend: 'multiply' }])
    .greyscale()
    .jpeg({ quality, density: dpi })
    .withMetadata({ density: dpi })
    .toBuffer();
}

const pages = {
  'en-300.jpg': [english, { dpi: 300, font: 'Liberation Serif' }],
  'en-150.jpg': [english, { dpi: 150, font: 'Liberation Serif' }],
  'de-300.jpg': [german, { dpi: 300, font: 'Liberation Sans' }],
  'de-150.jpg': [german, { dpi: 150, font: 'Liberation Sans' }],
  'de-turned.jpg': [german, { dpi: 150, font: 'Liberation Serif', degrees: 180 }],
};
await mkdir(folder, { recursive: true });
await writeFile(join(folder, 'en.txt'), `${english}\n`);
await writeFile(join(folder, 'de.txt'), `${german}\n`);
for (const [name, [text, options]] of Object.entries(pages))
  await writeFile(join(folder, name), await page(text, options));
