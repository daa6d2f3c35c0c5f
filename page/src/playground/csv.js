// Clouds of the plane as the command line reads and writes them.

export const MOST = 2000; // points of a cloud that the page takes

export function csvOf(points) {
  let text = "x0,x1\n";
  for (let i = 0; i < points.length; i += 2) text += `${points[i]},${points[i + 1]}\n`;
  return text;
}

// The first two columns of numbers, with or without a header; of more than MOST rows even ones. Throws an Error of one
// line: where, what, and the rule. {points, note}
export function readCsv(name, text) {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/).map((line, k) => [line.trim(), k + 1]).filter(([line]) => line && !line.startsWith("#"));
  if (lines.length === 0) throw new Error(`${name}: holds no points`);
  const separator = [";", "\t", ","].find((one) => lines[0][0].includes(one)) ?? /\s+/;
  const fields = (line) => line.split(separator).map((field) => field.trim());
  const first = fields(lines[0][0]);
  const header = first.some((field) => field !== "" && Number.isNaN(Number(field)));
  if (header) lines.shift();
  if (first.length < 2) throw new Error(`${name}, line ${lines[0]?.[1] ?? 1}: must have two columns of numbers`);
  if (lines.length === 0) throw new Error(`${name}: holds no points`);
  const rows = lines.map(([line, number]) => {
    const words = fields(line).slice(0, 2), row = words.map((word) => (word === "" ? NaN : Number(word)));
    const bad = row.findIndex((value) => !Number.isFinite(value) || Math.abs(value) > 1e100);
    if (words.length < 2 || bad >= 0) throw new Error(`${name}, line ${number}: "${words[bad] ?? line}" must be a finite number`);
    return row;
  });
  const step = Math.max(1, rows.length / MOST);
  const kept = Array.from({ length: Math.min(MOST, rows.length) }, (_, k) => rows[Math.floor(k * step)]);
  const notes = [];
  if (kept.length < rows.length) notes.push(`${MOST} of its ${rows.length} points`);
  if (first.length > 2) notes.push(`the first two of its ${first.length} columns`);
  return { points: Float64Array.from(kept.flat()), note: notes.join(", ") };
}
