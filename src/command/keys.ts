/** What is typed, a character at a time. */
import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { ReadStream } from 'node:tty';

/**
 * Node's readline takes several characters that come in one piece for pasted: it appends them,
 * wherever the cursor is, and does not notice that the line takes another row. One at a time they are
 * edited in as any other.
 */
export class Keys extends Transform {
  private readonly decoder = new StringDecoder('utf8');

  constructor(private readonly keyboard: ReadStream) {
    super();
    keyboard.pipe(this);
  }

  /** (readline asks for both) */
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
