;; The hot loop of an audio stem, for resampler.ts: the signal at `count` positions `first + i * step` of the inputs.
;; Memory, in bytes, as resampler.ts lays it out: inputs at 0, outputs at 65536, then rows of 32 taps of the kernel, one for
;; each of 16384 phases and one more. Everything is 32-bit floats. resampler.test.ts holds convolve.wasm against this text.
(module
  (memory (export "memory") 35)
  (func (export "convolve") (param $count i32) (param $first f64) (param $step f64)
    (local $index i32)
    (local $position f64)
    (local $whole f64)
    (local $input i32)
    (local $row i32)
    (local $sum v128)
    (local $other v128)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $index) (local.get $count)))
        (local.set $position
          (f64.add (local.get $first) (f64.mul (f64.convert_i32_u (local.get $index)) (local.get $step))))
        (local.set $whole (f64.floor (local.get $position)))
        ;; The first of the 32 inputs around the position: 15 before the whole one.
        (local.set $input
          (i32.shl (i32.sub (i32.trunc_f64_s (local.get $whole)) (i32.const 15)) (i32.const 2)))
        ;; The nearest phase; a row has 128 bytes.
        (local.set $row
          (i32.shl
            (i32.trunc_f64_s
              (f64.nearest (f64.mul (f64.sub (local.get $position) (local.get $whole)) (f64.const 16384))))
            (i32.const 7)))
        (local.set $sum
          (f32x4.add
            (f32x4.mul (v128.load (local.get $input)) (v128.load offset=131072 (local.get $row)))
            (f32x4.mul (v128.load offset=32 (local.get $input)) (v128.load offset=131104 (local.get $row)))))
        (local.set $other
          (f32x4.add
            (f32x4.mul (v128.load offset=16 (local.get $input)) (v128.load offset=131088 (local.get $row)))
            (f32x4.mul (v128.load offset=48 (local.get $input)) (v128.load offset=131120 (local.get $row)))))
        (local.set $sum
          (f32x4.add (local.get $sum)
            (f32x4.add
              (f32x4.mul (v128.load offset=64 (local.get $input)) (v128.load offset=131136 (local.get $row)))
              (f32x4.mul (v128.load offset=96 (local.get $input)) (v128.load offset=131168 (local.get $row))))))
        (local.set $other
          (f32x4.add (local.get $other)
            (f32x4.add
              (f32x4.mul (v128.load offset=80 (local.get $input)) (v128.load offset=131152 (local.get $row)))
              (f32x4.mul (v128.load offset=112 (local.get $input)) (v128.load offset=131184 (local.get $row))))))
        (local.set $sum (f32x4.add (local.get $sum) (local.get $other)))
        (f32.store offset=65536 (i32.shl (local.get $index) (i32.const 2))
          (f32.add
            (f32.add (f32x4.extract_lane 0 (local.get $sum)) (f32x4.extract_lane 1 (local.get $sum)))
            (f32.add (f32x4.extract_lane 2 (local.get $sum)) (f32x4.extract_lane 3 (local.get $sum)))))
        (local.set $index (i32.add (local.get $index) (i32.const 1)))
        (br $next)))))
