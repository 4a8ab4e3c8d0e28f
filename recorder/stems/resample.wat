;; The hot loops of an audio stem, for resampler.ts. Memory, in bytes: inputs of two channels at 0 and 32768, interleaved
;; outputs at 65536, the same as 24-bit PCM at 131072, then rows of 32 taps of the kernel at 196608, one for each of 16384
;; phases. Samples and taps are 32-bit floats. resampler.test.ts holds resample.wasm against this text.
(module
  (memory (export "memory") 35)

  ;; The signal at `count` positions `first + i * step` of the inputs that begin at address `input`. Results are written from
  ;; address `output` on, `stride` bytes apart.
  (func (export "convolve")
    (param $input i32) (param $output i32) (param $stride i32) (param $count i32) (param $first f64) (param $step f64)
    (local $position i64)
    (local $advance i64)
    (local $end i32)
    (local $at i32)
    (local $row i32)
    (local $sum v128)
    ;; Positions have 32 bits behind the point: the upper 14 of them are the phase. Half a phase makes it the nearest.
    (local.set $position
      (i64.add
        (i64.trunc_sat_f64_s (f64.mul (local.get $first) (f64.const 4294967296)))
        (i64.const 131072)))
    (local.set $advance (i64.trunc_sat_f64_s (f64.mul (local.get $step) (f64.const 4294967296))))
    ;; The first of the 32 inputs around a position: 15 before the whole one.
    (local.set $input (i32.sub (local.get $input) (i32.const 60)))
    (local.set $end (i32.add (local.get $output) (i32.mul (local.get $count) (local.get $stride))))
    (block $done
      (br_if $done (i32.eqz (local.get $count)))
      (loop $next
        (local.set $at
          (i32.add
            (local.get $input)
            (i32.shl (i32.wrap_i64 (i64.shr_s (local.get $position) (i64.const 32))) (i32.const 2))))
        ;; A row has 128 bytes.
        (local.set $row
          (i32.shl
            (i32.shr_u (i32.wrap_i64 (local.get $position)) (i32.const 18))
            (i32.const 7)))
        (local.set $sum
          (f32x4.add
            (f32x4.add
              (f32x4.add
                (f32x4.mul (v128.load (local.get $at)) (v128.load offset=196608 (local.get $row)))
                (f32x4.mul (v128.load offset=16 (local.get $at)) (v128.load offset=196624 (local.get $row))))
              (f32x4.add
                (f32x4.mul (v128.load offset=32 (local.get $at)) (v128.load offset=196640 (local.get $row)))
                (f32x4.mul (v128.load offset=48 (local.get $at)) (v128.load offset=196656 (local.get $row)))))
            (f32x4.add
              (f32x4.add
                (f32x4.mul (v128.load offset=64 (local.get $at)) (v128.load offset=196672 (local.get $row)))
                (f32x4.mul (v128.load offset=80 (local.get $at)) (v128.load offset=196688 (local.get $row))))
              (f32x4.add
                (f32x4.mul (v128.load offset=96 (local.get $at)) (v128.load offset=196704 (local.get $row)))
                (f32x4.mul (v128.load offset=112 (local.get $at)) (v128.load offset=196720 (local.get $row)))))))
        (local.set $sum
          (f32x4.add
            (local.get $sum)
            (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $sum) (local.get $sum))))
        (f32.store
          (local.get $output)
          (f32.add (f32x4.extract_lane 0 (local.get $sum)) (f32x4.extract_lane 1 (local.get $sum))))
        (local.set $position (i64.add (local.get $position) (local.get $advance)))
        (local.set $output (i32.add (local.get $output) (local.get $stride)))
        (br_if $next (i32.lt_u (local.get $output) (local.get $end))))))

  ;; The first `count` outputs, −1..1, as 24-bit PCM, little-endian; rounded, and clipped at full scale. Works in steps of
  ;; four, and writes up to sixteen bytes more.
  (func (export "pack") (param $count i32)
    (local $from i32)
    (local $to i32)
    (local $end i32)
    (local.set $end (i32.shl (local.get $count) (i32.const 2)))
    (block $done
      (br_if $done (i32.eqz (local.get $count)))
      (loop $next
        (v128.store offset=131072
          (local.get $to)
          (i8x16.swizzle
            (i32x4.max_s
              (i32x4.min_s
                (i32x4.trunc_sat_f32x4_s
                  (f32x4.nearest
                    (f32x4.mul
                      (v128.load offset=65536 (local.get $from))
                      (v128.const f32x4 8388608 8388608 8388608 8388608))))
                (v128.const i32x4 8388607 8388607 8388607 8388607))
              (v128.const i32x4 -8388608 -8388608 -8388608 -8388608))
            (v128.const i8x16 0 1 2 4 5 6 8 9 10 12 13 14 255 255 255 255)))
        (local.set $from (i32.add (local.get $from) (i32.const 16)))
        (local.set $to (i32.add (local.get $to) (i32.const 12)))
        (br_if $next (i32.lt_u (local.get $from) (local.get $end)))))))
