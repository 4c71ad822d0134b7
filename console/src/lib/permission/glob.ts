// The patterns of conditions, as the server matches them (crates/domain/src/permission/glob.rs): `*` is any text without
// a slash, `?` one such character, `**` as a whole segment any segments.

type Token = { readonly is: "byte"; readonly text: string } | { readonly is: "one" | "within" | "anything" | "segments" };

function tokensOf(pattern: string): Token[] {
  const tokens: Token[] = [];
  let atStartOfSegment: boolean = true;
  for (let at = 0; at < pattern.length; ) {
    const text = pattern[at] ?? "";
    if (text !== "*") {
      tokens.push(text === "?" ? { is: "one" } : { is: "byte", text });
      atStartOfSegment = text === "/";
      at += 1;
      continue;
    }
    let stars = 1;
    while (pattern[at + stars] === "*") stars += 1;
    const behind = pattern[at + stars];
    const isSegment: boolean = stars === 2 && atStartOfSegment;
    const is: "anything" | "segments" | "within" = isSegment && behind === undefined ? "anything" : isSegment && behind === "/" ? "segments" : "within";
    tokens.push({ is });
    atStartOfSegment = is === "segments";
    at += stars + (is === "segments" ? 1 : 0);
  }
  return tokens;
}

function bytesOf(text: string): string[] {
  return [...new TextEncoder().encode(text)].map((byte) => String.fromCharCode(byte));
}

// All places in the pattern that can be reached are gone through together, so that no pattern takes long.
export function matches(pattern: string, value: string): boolean {
  const tokens = tokensOf(bytesOf(pattern).join(""));
  // Twice the number of the token that comes next; one more inside of "segments", which then ends behind a slash only.
  let places = new Set<number>();
  const reach = (into: Set<number>, token: number): void => {
    into.add(2 * token);
    const is = tokens[token]?.is;
    if (is === "within" || is === "anything" || is === "segments") reach(into, token + 1);
  };
  reach(places, 0);
  for (const byte of bytesOf(value)) {
    const next = new Set<number>();
    for (const place of places) {
      const at = place >> 1;
      const token = tokens[at];
      if (token === undefined) continue;
      if (token.is === "anything" || (token.is === "within" && byte !== "/")) reach(next, at);
      else if ((token.is === "byte" && token.text === byte) || (token.is === "one" && byte !== "/")) reach(next, at + 1);
      else if (token.is === "segments") {
        next.add(2 * at + 1);
        if (byte === "/") reach(next, at + 1);
      }
    }
    places = next;
  }
  return places.has(2 * tokens.length);
}
