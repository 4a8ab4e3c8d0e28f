import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { rtpHeaderBytes, sequenceDistance, sequenceOf, ssrcOf } from './rtp.ts';

/** SRTP and SRTCP with AEAD_AES_256_GCM (RFC 7714), keys derived as in RFC 3711 section 4.3 with a rate of zero. */

const KEY_BYTES = 32;
const SALT_BYTES = 12;
const TAG_BYTES = 16;
const INDEX_BYTES = 4;
const RTCP_HEADER_BYTES = 8;
const ENCRYPTED_FLAG = 0x80000000;
const LABEL = { rtpKey: 0, rtpSalt: 2, rtcpKey: 3, rtcpSalt: 5 } as const;

export interface StreamKeys {
  key: Uint8Array;
  salt: Uint8Array;
}
export interface SrtpKeys {
  rtp: StreamKeys;
  rtcp: StreamKeys;
}

/** @returns a new master key and salt, as they travel in signalling */
export const newMasterKeyBase64 = () => randomBytes(KEY_BYTES + SALT_BYTES).toString('base64');

/** @param keyBase64 master key and master salt, 44 bytes. Throws RangeError when it is not that long. */
export function deriveSrtpKeys(keyBase64: string): SrtpKeys {
  const master = Buffer.from(keyBase64, 'base64');
  if (master.length !== KEY_BYTES + SALT_BYTES) throw new RangeError('an SRTP key has 44 bytes');
  const derive = (label: number, bytes: number) => {
    const counter = Buffer.alloc(16);
    master.copy(counter, 0, KEY_BYTES);
    counter.writeUInt8(counter.readUInt8(7) ^ label, 7);
    return createCipheriv('aes-256-ctr', master.subarray(0, KEY_BYTES), counter).update(Buffer.alloc(bytes));
  };
  return {
    rtp: { key: derive(LABEL.rtpKey, KEY_BYTES), salt: derive(LABEL.rtpSalt, SALT_BYTES) },
    rtcp: { key: derive(LABEL.rtcpKey, KEY_BYTES), salt: derive(LABEL.rtcpSalt, SALT_BYTES) },
  };
}

/** What arrives. Anything that does not authenticate is null; replays are left to the receive window. */
export class SrtpReceiver {
  readonly #rtp: Cipher;
  readonly #rtcp: Cipher;
  /** 2^16 × rollovers + sequence of the newest authenticated packet (RFC 3711 section 3.3.1). */
  #newestIndex = -1;

  constructor(keys: SrtpKeys) {
    this.#rtp = new Cipher(keys.rtp);
    this.#rtcp = new Cipher(keys.rtcp);
  }

  /** @returns the plain RTP packet */
  unprotectRtp(packet: Buffer): Buffer | null {
    const headerBytes = rtpHeaderBytes(packet, packet.length, true);
    if (headerBytes < 0 || packet.length < headerBytes + TAG_BYTES) return null;
    const sequence = sequenceOf(packet);
    const index =
      this.#newestIndex < 0
        ? sequence
        : Math.max(sequence, this.#newestIndex + sequenceDistance(sequence, this.#newestIndex & 0xffff));
    const plain = this.#rtp.open(packet, headerBytes, [], this.#rtp.rtpNonce(ssrcOf(packet), index));
    if (plain === null) return null;
    this.#newestIndex = Math.max(this.#newestIndex, index);
    return plain;
  }

  /** @returns the plain RTCP packet */
  unprotectRtcp(packet: Buffer): Buffer | null {
    const end = packet.length - INDEX_BYTES;
    if (end < RTCP_HEADER_BYTES + TAG_BYTES) return null;
    const word = packet.readUInt32BE(end);
    // Both sides are ours: unencrypted RTCP has no place here.
    if (word < ENCRYPTED_FLAG) return null;
    const nonce = this.#rtcp.rtcpNonce(packet.readUInt32BE(4), word - ENCRYPTED_FLAG);
    return this.#rtcp.open(packet.subarray(0, end), RTCP_HEADER_BYTES, [packet.subarray(end)], nonce);
  }
}

/** What is sent. A recorder sends RTCP; RTP is for the other end, which the tests play. */
export class SrtpSender {
  readonly #rtp: Cipher;
  readonly #rtcp: Cipher;
  #rtcpIndex: number;

  constructor(keys: SrtpKeys, firstRtcpIndex = 0) {
    this.#rtp = new Cipher(keys.rtp);
    this.#rtcp = new Cipher(keys.rtcp);
    this.#rtcpIndex = firstRtcpIndex;
  }

  /** @param rollovers how often the sequence number has wrapped */
  protectRtp(packet: Buffer, rollovers: number): Buffer {
    const nonce = this.#rtp.rtpNonce(ssrcOf(packet), rollovers * 0x10000 + sequenceOf(packet));
    return this.#rtp.seal(packet, rtpHeaderBytes(packet), [], nonce);
  }

  protectRtcp(packet: Buffer): Buffer {
    const index = this.#rtcpIndex;
    this.#rtcpIndex = (index + 1) % ENCRYPTED_FLAG;
    const word = Buffer.alloc(INDEX_BYTES);
    word.writeUInt32BE(ENCRYPTED_FLAG + index);
    const nonce = this.#rtcp.rtcpNonce(packet.readUInt32BE(4), index);
    return Buffer.concat([this.#rtcp.seal(packet, RTCP_HEADER_BYTES, [word], nonce), word]);
  }
}

class Cipher {
  readonly #key: KeyObject;
  readonly #salt: Uint8Array;

  constructor({ key, salt }: StreamKeys) {
    this.#key = createSecretKey(key);
    this.#salt = salt;
  }

  /** 00 00 ‖ SSRC ‖ rollovers ‖ sequence, xor salt (RFC 7714 section 8.1). */
  rtpNonce(ssrc: number, index: number): Buffer {
    const nonce = Buffer.alloc(SALT_BYTES);
    nonce.writeUInt32BE(ssrc, 2);
    nonce.writeUIntBE(index, 6, 6);
    return this.#salted(nonce);
  }

  /** 00 00 ‖ SSRC ‖ 00 00 ‖ index, xor salt (RFC 7714 section 9.1). */
  rtcpNonce(ssrc: number, index: number): Buffer {
    const nonce = Buffer.alloc(SALT_BYTES);
    nonce.writeUInt32BE(ssrc, 2);
    nonce.writeUInt32BE(index, 8);
    return this.#salted(nonce);
  }

  /** @param trailer authenticated after the header, not part of the result */
  seal(packet: Buffer, headerBytes: number, trailer: Buffer[], nonce: Buffer): Buffer {
    const header = packet.subarray(0, headerBytes);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce);
    cipher.setAAD(Buffer.concat([header, ...trailer]));
    const body = cipher.update(packet.subarray(headerBytes));
    cipher.final();
    return Buffer.concat([header, body, cipher.getAuthTag()]);
  }

  open(packet: Buffer, headerBytes: number, trailer: Buffer[], nonce: Buffer): Buffer | null {
    const header = packet.subarray(0, headerBytes);
    const tagAt = packet.length - TAG_BYTES;
    const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(trailer.length === 0 ? header : Buffer.concat([header, ...trailer]));
    decipher.setAuthTag(packet.subarray(tagAt));
    const body = decipher.update(packet.subarray(headerBytes, tagAt));
    try {
      decipher.final();
    } catch {
      return null;
    }
    return Buffer.concat([header, body]);
  }

  #salted(nonce: Buffer): Buffer {
    for (let i = 0; i < SALT_BYTES; i += 1) nonce[i] = (nonce[i] ?? 0) ^ (this.#salt[i] ?? 0);
    return nonce;
  }
}
