// The three lights. Each says its state in words, by shape and by colour, so that none of them is needed alone.
import {Light} from '@gen/views_pb';

export interface LightLook {
  text: string;
  shape: string;
  tone: 'saved' | 'pending' | 'delivered' | 'unknown';
  hint: string;
}

const LOOKS: Record<number, LightLook> = {
  [Light.SAVED]: {text: '已存', shape: '■', tone: 'saved', hint: '已经存在本机，联网后自动上传'},
  [Light.PENDING]: {text: '待传', shape: '▲', tone: 'pending', hint: '正在上传，还没有收到镇里的回执'},
  [Light.DELIVERED]: {text: '已送达', shape: '●', tone: 'delivered', hint: '镇里已收妥存好'},
};

export function lightLook(light: Light): LightLook {
  return LOOKS[light] ?? {text: '状态不明', shape: '○', tone: 'unknown', hint: '程序没有说明'};
}

export function isWaiting(light: Light | undefined): boolean {
  return light === Light.SAVED || light === Light.PENDING;
}

// The slowest of several: a visit is delivered when all its parts are.
export function slowest(lights: Light[]): Light {
  const known = lights.filter((x) => x !== Light.UNSPECIFIED);
  return known.length ? Math.min(...known) : Light.UNSPECIFIED;
}
