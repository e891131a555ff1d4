// Reads the imports and exports of a Windows program or library (Portable Executable, 64 bits).
import { readFileSync } from 'node:fs';

/** Data directories of the optional header. */
const directories = { exports: 0, imports: 1, delayedImports: 13 };

class Image {
  constructor(bytes) {
    this.bytes = bytes;
    const header = bytes.readUInt32LE(0x3c);
    const optional = header + 24;
    if (bytes.toString('latin1', header, header + 4) !== 'PE\0\0') throw new Error('no PE file');
    if (bytes.readUInt16LE(optional) !== 0x20b) throw new Error('no 64-bit PE file');
    this.directories = optional + 112;
    const sections = optional + bytes.readUInt16LE(header + 20);
    this.sections = Array.from({ length: bytes.readUInt16LE(header + 6) }, (_, i) => {
      const [size, address, , offset] = [8, 12, 16, 20].map((field) =>
        bytes.readUInt32LE(sections + 40 * i + field),
      );
      return { address, size, offset };
    });
  }

  /** Where the byte at an address, relative to the image's base, is in the file. */
  offsetOf(address) {
    const section = this.sections.find(
      (each) => address >= each.address && address < each.address + each.size,
    );
    if (section === undefined) throw new Error(`no section has ${address.toString(16)}`);
    return address - section.address + section.offset;
  }

  number(offset) {
    return this.bytes.readUInt32LE(offset);
  }

  text(address) {
    const start = this.offsetOf(address);
    return this.bytes.toString('latin1', start, this.bytes.indexOf(0, start));
  }

  /** The offset of a data directory, or undefined where it is empty. */
  directory(index) {
    const address = this.number(this.directories + 8 * index);
    return address === 0 ? undefined : this.offsetOf(address);
  }

  /** The names in a table of imports, without imports by ordinal. */
  *names(table) {
    for (let at = this.offsetOf(table); ; at += 8) {
      const entry = this.bytes.readBigUInt64LE(at);
      if (entry === 0n) return;
      if (entry >> 63n === 0n) yield this.text(Number(entry) + 2);
    }
  }
}

/** Descriptors of a directory: [address of the library's name, address of the table of names]. */
function* descriptors(image, index, size, fields) {
  const start = image.directory(index);
  if (start === undefined) return;
  for (let at = start; ; at += size) {
    const [name, table] = fields.map((field) => image.number(at + field));
    if (name === 0) return;
    yield [name, table];
  }
}

/** A map from the name of each library (in lower case) to the names that `file` imports from it. */
export function importsOfPe(file) {
  const image = new Image(readFileSync(file));
  const found = new Map();
  for (const [name, table] of [
    ...descriptors(image, directories.imports, 20, [12, 0]),
    ...descriptors(image, directories.delayedImports, 32, [4, 16]),
  ]) {
    const library = image.text(name).toLowerCase();
    found.set(library, [...(found.get(library) ?? []), ...image.names(table)]);
  }
  return found;
}

/** The names that `file` exports. */
export function exportsOfPe(file) {
  const image = new Image(readFileSync(file));
  const start = image.directory(directories.exports);
  if (start === undefined) return [];
  const names = image.offsetOf(image.number(start + 32));
  const count = image.number(start + 24);
  return Array.from({ length: count }, (_, i) => image.text(image.number(names + 4 * i)));
}
