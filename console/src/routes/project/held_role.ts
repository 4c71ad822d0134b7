// The roles of a member as a form holds them, and as the API takes them.

import type { GrantedRole, RoleRequest } from "$lib/api/projects";
import { members as words } from "$texts";

export const SPANS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
export type SpanUnit = keyof typeof SPANS;

export interface HeldRole {
  role: string;
  lasts: "for good" | "for a time";
  begins: "now" | "at";
  // As an input of a day and a time has it.
  at: string;
  amount: string;
  unit: SpanUnit;
}

export function slugOf(granted: GrantedRole): string {
  return granted.customRoleSlug ?? granted.role;
}

// A moment as `<input type="datetime-local">` has it, in the time zone of whoever looks.
function local(moment: number): string {
  const offset = new Date(moment).getTimezoneOffset() * 60_000;
  return new Date(moment - offset).toISOString().slice(0, 16);
}

export function newRole(role: string): HeldRole {
  return { role, lasts: "for good", begins: "now", at: local(Date.now()), amount: "8", unit: "h" };
}

export function heldRole(granted: GrantedRole): HeldRole {
  const begun = newRole(slugOf(granted));
  if (!granted.isTemporary || granted.temporaryAccessStartTime === null || granted.temporaryAccessEndTime === null) return begun;
  const [start, end] = [Date.parse(granted.temporaryAccessStartTime), Date.parse(granted.temporaryAccessEndTime)];
  const unit = (["d", "h", "m"] as const).find((known) => (end - start) % SPANS[known] === 0) ?? "m";
  return { ...begun, lasts: "for a time", begins: "at", at: local(start), amount: String(Math.round((end - start) / SPANS[unit])), unit };
}

export interface HeldRoleFault {
  readonly span?: string;
  readonly at?: string;
  readonly role?: string;
  // One may not give it, or not for so long.
  readonly beyond?: string;
}

export function faultOf(held: HeldRole, all: readonly HeldRole[]): HeldRoleFault {
  const role = all.filter((other) => other.role === held.role).length > 1 ? { role: words.twice } : {};
  if (held.lasts === "for good") return role;
  return {
    ...role,
    ...(/^[1-9]\d{0,2}$/.test(held.amount.trim()) ? {} : { span: words.spanIs }),
    ...(held.begins === "at" && Number.isNaN(Date.parse(held.at)) ? { at: words.beginIs } : {}),
  };
}

// `before` keeps the exact beginning of a role that has one already: the form has minutes only.
export function roleRequests(held: readonly HeldRole[], before: readonly GrantedRole[], now: number): RoleRequest[] {
  return held.map((role) => {
    if (role.lasts === "for good") return { role: role.role };
    const known = before.find((granted) => slugOf(granted) === role.role && granted.isTemporary)?.temporaryAccessStartTime;
    const unmoved = known !== null && known !== undefined && local(Date.parse(known)) === role.at;
    const begins = role.begins === "now" ? new Date(now).toISOString() : unmoved ? known : new Date(role.at).toISOString();
    return { role: role.role, isTemporary: true, temporaryMode: "relative", temporaryRange: `${role.amount.trim()}${role.unit}`, temporaryAccessStartTime: begins };
  });
}
