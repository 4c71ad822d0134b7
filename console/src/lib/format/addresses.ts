// IP addresses and CIDR blocks, to show what one means. What is accepted is the server's to say.

export interface Range {
  readonly version: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

function ipv4(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = value * 256n + BigInt(part);
  }
  return value;
}

function groups(text: string): bigint[] | undefined {
  if (text === "") return [];
  const found: bigint[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    if (index === parts.length - 1 && part.includes(".")) {
      const embedded = ipv4(part);
      if (embedded === undefined) return undefined;
      found.push(embedded >> 16n, embedded & 0xffffn);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) {
      found.push(BigInt(`0x${part}`));
    } else {
      return undefined;
    }
  }
  return found;
}

function ipv6(text: string): bigint | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const front = groups(halves[0] ?? "");
  const back = groups(halves[1] ?? "");
  if (front === undefined || back === undefined) return undefined;
  const gap = 8 - front.length - back.length;
  if (halves.length === 1 ? gap !== 0 : gap < 1) return undefined;
  return [...front, ...Array<bigint>(gap).fill(0n), ...back].reduce((value, group) => (value << 16n) | group, 0n);
}

// `192.0.2.0/24`, `2001:db8::1`: from which address to which; undefined for anything else.
export function range(text: string): Range | undefined {
  const [address = "", length, ...rest] = text.trim().split("/");
  if (rest.length > 0) return undefined;
  const version = address.includes(":") ? 6 : 4;
  const bits = version === 4 ? 32n : 128n;
  const value = version === 4 ? ipv4(address) : ipv6(address);
  if (value === undefined) return undefined;
  if (length !== undefined && !/^(0|[1-9]\d{0,2})$/.test(length)) return undefined;
  const prefix = length === undefined ? bits : BigInt(length);
  if (prefix > bits) return undefined;
  const size = 1n << (bits - prefix);
  const first = (value / size) * size;
  return { version, first, last: first + size - 1n };
}

export function size({ first, last }: Range): bigint {
  return last - first + 1n;
}

export function includes(outer: Range, inner: Range): boolean {
  return outer.version === inner.version && outer.first <= inner.first && inner.last <= outer.last;
}

export function written({ version }: Range, value: bigint): string {
  if (version === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join(".");
  const parts = Array.from({ length: 8 }, (_, index) => Number((value >> BigInt(112 - 16 * index)) & 0xffffn));
  // The longest run of two or more zeros is written as "::" (RFC 5952).
  let [start, length] = [-1, 1];
  for (let begin = 0; begin < 8; begin++) {
    let end = begin;
    while (end < 8 && parts[end] === 0) end++;
    if (end - begin > length) [start, length] = [begin, end - begin];
  }
  const hex = parts.map((part) => part.toString(16));
  if (start < 0) return hex.join(":");
  return `${hex.slice(0, start).join(":")}::${hex.slice(start + length).join(":")}`;
}

// The API answers an address and its prefix apart.
export function joined(trusted: { readonly ipAddress: string; readonly prefix?: number }): string {
  return trusted.prefix === undefined ? trusted.ipAddress : `${trusted.ipAddress}/${trusted.prefix}`;
}
