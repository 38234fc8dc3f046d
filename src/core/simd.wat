;; Loops over float32 values, four at a time: Adam's update of a tensor, a sum of squares, a multiple. Arrays lie in an imported memory, at any
;; byte offsets; $bytes is a multiple of 16, and not 0. Assembled into simd-bytes.ts by `npm run build:wasm`.
(module
  (import "memory" "memory" (memory 1))

  ;; m ← decay1 m + rise1 g;  v ← decay2 v + rise2 g²;  x ← x − rate m / √(correction v + floor)
  (func (export "adam") (param $x i32) (param $g i32) (param $m i32) (param $v i32) (param $bytes i32)
    (param $rate f32) (param $correction f32) (param $floor f32)
    (param $decay1 f32) (param $rise1 f32) (param $decay2 f32) (param $rise2 f32)
    (local $end i32) (local $slope v128) (local $mean v128) (local $square v128)
    (local $rates v128) (local $corrections v128) (local $floors v128)
    (local $decays1 v128) (local $rises1 v128) (local $decays2 v128) (local $rises2 v128)
    (local.set $rates (f32x4.splat (local.get $rate)))
    (local.set $corrections (f32x4.splat (local.get $correction)))
    (local.set $floors (f32x4.splat (local.get $floor)))
    (local.set $decays1 (f32x4.splat (local.get $decay1)))
    (local.set $rises1 (f32x4.splat (local.get $rise1)))
    (local.set $decays2 (f32x4.splat (local.get $decay2)))
    (local.set $rises2 (f32x4.splat (local.get $rise2)))
    (local.set $end (i32.add (local.get $x) (local.get $bytes)))
    (loop $next
      (local.set $slope (v128.load (local.get $g)))
      (local.set $mean (f32x4.add
        (f32x4.mul (v128.load (local.get $m)) (local.get $decays1))
        (f32x4.mul (local.get $slope) (local.get $rises1))))
      (local.set $square (f32x4.add
        (f32x4.mul (v128.load (local.get $v)) (local.get $decays2))
        (f32x4.mul (f32x4.mul (local.get $slope) (local.get $slope)) (local.get $rises2))))
      (v128.store (local.get $m) (local.get $mean))
      (v128.store (local.get $v) (local.get $square))
      (v128.store (local.get $x) (f32x4.sub
        (v128.load (local.get $x))
        (f32x4.div
          (f32x4.mul (local.get $mean) (local.get $rates))
          (f32x4.sqrt (f32x4.add (f32x4.mul (local.get $square) (local.get $corrections)) (local.get $floors))))))
      (local.set $x (i32.add (local.get $x) (i32.const 16)))
      (local.set $g (i32.add (local.get $g) (i32.const 16)))
      (local.set $m (i32.add (local.get $m) (i32.const 16)))
      (local.set $v (i32.add (local.get $v) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $x) (local.get $end)))))

  ;; Σ x², in float64
  (func (export "sumOfSquares") (param $x i32) (param $bytes i32) (result f64)
    (local $end i32) (local $values v128) (local $low v128) (local $high v128) (local $sums v128) (local $more v128)
    (local.set $end (i32.add (local.get $x) (local.get $bytes)))
    (loop $next
      (local.set $values (v128.load (local.get $x)))
      (local.set $low (f64x2.promote_low_f32x4 (local.get $values)))
      (local.set $high (f64x2.promote_low_f32x4 (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $values) (local.get $values))))
      (local.set $sums (f64x2.add (local.get $sums) (f64x2.mul (local.get $low) (local.get $low))))
      (local.set $more (f64x2.add (local.get $more) (f64x2.mul (local.get $high) (local.get $high))))
      (local.set $x (i32.add (local.get $x) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $x) (local.get $end))))
    (local.set $sums (f64x2.add (local.get $sums) (local.get $more)))
    (f64.add (f64x2.extract_lane 0 (local.get $sums)) (f64x2.extract_lane 1 (local.get $sums))))

  ;; y ← a x
  (func (export "scale") (param $y i32) (param $x i32) (param $bytes i32) (param $a f32)
    (local $end i32) (local $factors v128)
    (local.set $factors (f32x4.splat (local.get $a)))
    (local.set $end (i32.add (local.get $y) (local.get $bytes)))
    (loop $next
      (v128.store (local.get $y) (f32x4.mul (v128.load (local.get $x)) (local.get $factors)))
      (local.set $y (i32.add (local.get $y) (i32.const 16)))
      (local.set $x (i32.add (local.get $x) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $y) (local.get $end))))))
