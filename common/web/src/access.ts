// What the roles of whoever has logged in may call, as the schema says it. It decides what a page offers; what is allowed
// is the daemon's to say.
import {getOption, type DescMethod} from '@bufbuild/protobuf';
import {access, Access_RoleSchema, type Access_Role} from '@gen/options_pb';
import {labelOf} from './labels';
import {useSession} from './session';

export function rolesFor(method: DescMethod): Access_Role[] {
  const may = getOption(method, access);
  return [...may.any, ...may.seat, ...may.station, ...may.township, ...may.unit, ...may.figures];
}

// True also where nobody has to log in.
export function mayCall(method: DescMethod): boolean {
  return useSession().has(...rolesFor(method));
}

export function roleText(roles: Access_Role[]): string {
  return roles.map((role) => labelOf(Access_RoleSchema, role)).join('、');
}
