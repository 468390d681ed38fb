/** A PDF document of numbered objects, the first of which is the catalogue (ISO 32000-1, 7.5). */
export function makePdf(objects: readonly (string | Buffer)[], trailer = ''): Buffer {
  const pieces: Buffer[] = [Buffer.from('%PDF-1.7\n')];
  const places: number[] = [];
  let at = pieces[0]?.length ?? 0;
  const write = (piece: Buffer): void => {
    pieces.push(piece);
    at += piece.length;
  };
  for (const [index, object] of objects.entries()) {
    places.push(at);
    write(Buffer.concat([Buffer.from(`${index + 1} 0 obj\n`), Buffer.from(object), Buffer.from('\nendobj\n')]));
  }
  const table = places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  write(
    Buffer.from(
      `xref\n0 ${size}\n0000000000 65535 f \n${table}trailer\n<< /Size ${size} /Root 1 0 R ${trailer} >>\nstartxref\n${at}\n%%EOF\n`,
    ),
  );
  return Buffer.concat(pieces);
}

/** A stream with its dictionary. */
export function stream(bytes: string | Buffer, entries = ''): Buffer {
  const whole = Buffer.from(bytes);
  return Buffer.concat([
    Buffer.from(`<< /Length ${whole.length} ${entries} >>\nstream\n`),
    whole,
    Buffer.from('\nendstream'),
  ]);
}

/** One page that says a line each, with more entries of its catalogue and page, and more objects from number 6 on. */
export function makePage(
  lines: readonly string[],
  { catalogue = '', page = '', objects = [] as readonly (string | Buffer)[], trailer = '' } = {},
): Buffer {
  const shown = lines.map((line) => `(${line.replace(/[()\\]/g, '\\$&')}) Tj 0 -20 Td`).join(' ');
  return makePdf(
    [
      `<< /Type /Catalog /Pages 2 0 R ${catalogue} >>`,
      '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> ${page} >>`,
      stream(`BT /F 12 Tf 50 700 Td ${shown} ET`),
      '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
      ...objects,
    ],
    trailer,
  );
}
