// What a terminal shows after what was written to it: as much of ECMA-48 as Node's readline uses.

/** What takes two columns: of Unicode's East Asian Width W and F as much as the tests use. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60\u{1f300}-\u{1faff}]/u;

export class Screen {
  private rows: (string | undefined)[][] = [[]];
  private row = 0;
  private column = 0;

  constructor(private readonly columns = 80) {}

  /** The rows without trailing spaces, and without empty ones at the end. */
  get lines(): string[] {
    const lines = this.rows.map((row) =>
      Array.from(row, (cell) => cell ?? ' ')
        .join('')
        .trimEnd(),
    );
    while (lines.at(-1) === '') lines.pop();
    return lines;
  }

  /** Where the next character goes. */
  get cursor(): [row: number, column: number] {
    return [this.row, this.column];
  }

  write(text: string): this {
    for (const [part = '', , digits = '', final = ''] of text.matchAll(
      /\x1b\[(\?)?([\d;]*)([A-Za-z])|[^]/gu,
    )) {
      if (final !== '') this.control(final, digits);
      else if (part === '\r') this.column = 0;
      else if (part === '\n') this.move(1);
      else if (part === '\b') this.column = Math.max(0, this.column - 1);
      else if (part === '\x07') continue;
      else this.put(part);
    }
    return this;
  }

  private put(character: string): void {
    const width = WIDE.test(character) ? 2 : 1;
    if (this.column + width > this.columns) {
      this.column = 0;
      this.move(1);
    }
    const row = this.rows[this.row] ?? [];
    row[this.column++] = character;
    // (the other half of it)
    if (width === 2) row[this.column++] = '';
  }

  private move(rows: number): void {
    this.row = Math.max(0, this.row + rows);
    while (this.rows.length <= this.row) this.rows.push([]);
  }

  private control(final: string, digits: string): void {
    const count = Number(digits === '' ? 1 : digits);
    // A wrap that is pending is none once the cursor is moved.
    this.column = Math.min(this.column, this.columns - 1);
    if (final === 'A') this.move(-count);
    else if (final === 'B') this.move(count);
    else if (final === 'C') this.column = Math.min(this.columns - 1, this.column + count);
    else if (final === 'D') this.column = Math.max(0, this.column - count);
    else if (final === 'G') this.column = count - 1;
    else if (final === 'J') this.clearBelow(digits);
    else if (final === 'K') this.rows[this.row]?.splice(this.column);
    else if (final !== 'm') throw new Error(`a terminal is asked for ${digits}${final}`);
  }

  private clearBelow(digits: string): void {
    if (digits !== '' && digits !== '0') throw new Error(`a terminal is asked for ${digits}J`);
    this.rows[this.row]?.splice(this.column);
    this.rows.splice(this.row + 1);
  }
}
