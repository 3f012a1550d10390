// Decodes and encodes text. Browsers decode many encodings, but encode only UTF-8.

/** Returns a function that decodes bytes; short ones in ASCII without the browser, which is faster. */
export function decoder(encoding) {
  const decoding = new TextDecoder(encoding, { ignoreBOM: true });
  return (bytes) => {
    if (bytes.length > 40) return decoding.decode(bytes);
    let text = "";
    for (const byte of bytes) {
      if (byte > 127) return decoding.decode(bytes);
      text += String.fromCharCode(byte);
    }
    return text;
  };
}

/** Returns a function that writes text in an encoding: UTF-8, or one of one byte a character. */
export function encoder(encoding) {
  if (/^utf-?8/i.test(encoding)) {
    const utf8 = new TextEncoder();
    return (text) => utf8.encode(text);
  }
  const characters = [...new TextDecoder(encoding).decode(Uint8Array.from({ length: 256 }, (_, byte) => byte))];
  if (characters.length !== 256) throw new Error("encoding");
  const byCharacter = new Map(characters.map((character, byte) => [character, byte]));
  return (text) =>
    Uint8Array.from([...text], (character) => {
      if (!byCharacter.has(character)) throw new Error("encoding");
      return byCharacter.get(character);
    });
}

/** Returns a file in another encoding. */
export async function recoded(file, from, to) {
  const encode = encoder(to);
  const encoding = new TransformStream({ transform: (text, controller) => controller.enqueue(encode(text)) });
  return new Response(file.stream().pipeThrough(new TextDecoderStream(from)).pipeThrough(encoding)).blob();
}
