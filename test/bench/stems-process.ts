// stems-process.ts MODE FOLDER: one piece of a worker's work on the recording in FOLDER, in a process of its own, so that
// what it costs can be told. The last line it prints is JSON.

import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createLog } from '@cratersync/infra/runtime';
import { openKeys } from '@cratersync/recorder/keys';
import { Lanes, previewOf, renderExtra, renderRecording } from '@cratersync/recorder/stems';
import { openStore } from '@cratersync/recorder/store';
import {
  identity,
  MemoryExtraLedger,
  MemoryLedger,
  openRecording,
  renderOne,
  survey,
} from '@cratersync/recorder/testing';
import { kindOf } from '@cratersync/signaling/protocol';

const [mode = '', folder = ''] = process.argv.slice(2);
const store = await openStore({ DATA_DIR: folder });
const keys = await openKeys({ DATA_DIR: folder });
const scratch = join(folder, 'scratch');
await mkdir(scratch, { recursive: true });
const open = () => openRecording(store, keys, identity);
const result: Record<string, number> = {};

switch (mode) {
  case 'assemble':
    await assemble();
    break;
  case 'wav':
  case 'flac':
    await renderAll(mode);
    break;
  case 'all':
    await renderEverything();
    break;
  case 'preview':
    await listen();
    break;
  case 'cfr':
    await renderFilm();
    break;
  default:
    throw new Error(`there is no mode ${mode}`);
}
// The most that this process has held at once, by the kernel's account.
result['peakRssMb'] = Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
await store.close();
console.log(JSON.stringify(result));

async function assemble(): Promise<void> {
  const reader = await open();
  const startMs = performance.now();
  let bytes = 0;
  for (const track of reader.manifest.tracks) {
    for await (const record of reader.records(track))
      if (record.type === 'rtp') bytes += record.packet.length;
  }
  result['mbPerS'] = bytes / 1e6 / ((performance.now() - startMs) / 1000);
}

/** All people at once, as the page asks for them: from the start, and then from the middle. */
async function listen(): Promise<void> {
  const second = 2 * 48_000;
  const hear = async (fraction: number) => {
    const startMs = performance.now();
    const { manifest } = await open();
    await Promise.all(
      manifest.tracks.map(async track => {
        const preview = previewOf(await open(), track);
        if (preview === null) throw new Error('there is nothing to be heard');
        const from = Math.floor(preview.bytes * fraction);
        for await (const _ of preview.read(from, from + second));
      }),
    );
    return (performance.now() - startMs) / 1000;
  };
  result['previewS'] = await hear(0);
  result['seekS'] = await hear(0.5);
}

async function renderAll(format: 'wav' | 'flac'): Promise<void> {
  const reader = await open();
  let number = 0;
  for (const stem of await survey(reader)) {
    if (stem.kind === 'audio') await renderOne(reader, stem, format, join(scratch, `${format}-${number++}`));
  }
}

/** As the worker does it, two stems at a time. */
async function renderEverything(): Promise<MemoryLedger> {
  const { manifest } = await open();
  const people = manifest.tracks.map(({ source }, index) => ({ person: index, source }));
  const ledger = new MemoryLedger(people);
  for (const [index, { participantId }] of manifest.tracks.entries()) {
    const stem = ledger.stems[index];
    if (stem !== undefined) stem.participantId = participantId;
  }
  const startMs = performance.now();
  const ready = ledger.ready;
  ledger.ready = async (...told) => {
    result['firstReadyS'] ??= (performance.now() - startMs) / 1000;
    await ready(...told);
  };
  await renderRecording({ ...common(), open, ledger }, identity);
  const failed = ledger.stems.find(({ state }) => state !== 'ready');
  if (failed !== undefined) throw new Error(`a stem is ${failed.state}: ${failed.note}`);
  result['allReadyS'] = (performance.now() - startMs) / 1000;
  return ledger;
}

async function renderFilm(): Promise<void> {
  const stems = await renderEverything();
  const camera = stems.stems.find(({ source }) => kindOf(source) === 'video') ?? null;
  const ledger = new MemoryExtraLedger('cfr', camera);
  const [before] = [process.cpuUsage()];
  const startMs = performance.now();
  await renderExtra({ ...common(), open, ledger, stems: stems.rows }, identity);
  if (ledger.order.state !== 'ready')
    throw new Error(`the film is ${ledger.order.state}: ${ledger.order.note}`);
  result['filmS'] = (performance.now() - startMs) / 1000;
  result['filmOwnCpuS'] = process.cpuUsage(before).user / 1e6;
}

function common() {
  const { signal } = new AbortController();
  const log = createLog('bench', 'silent');
  return { store, scratch, lanes: new Lanes(2), log, signal, lastAttempt: true };
}
