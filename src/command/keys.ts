/** Keyboard input, one character at a time. */
import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { ReadStream } from 'node:tty';

/**
 * Node's readline treats a chunk of several characters as pasted: it appends them, wherever the
 * cursor is, and does not notice that the line takes another row. It inserts single characters.
 */
export class Keys extends Transform {
  private readonly decoder = new StringDecoder('utf8');

  constructor(private readonly keyboard: ReadStream) {
    super();
    keyboard.pipe(this);
  }

  /** readline needs isRaw and setRawMode. */
  get isRaw(): boolean {
    return this.keyboard.isRaw;
  }

  setRawMode(mode: boolean): this {
    this.keyboard.setRawMode(mode);
    return this;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    for (const character of this.decoder.write(chunk)) this.push(character);
    done();
  }
}
