* Minimise. The .json file beside this one says what every name means.
NAME mechopt
ROWS
 N  cost
 E  seller_quantity_definition_0
 E  seller_quantity_definition_1
 E  seller_quantity_definition_2
 E  seller_quantity_definition_3
 E  seller_quantity_definition_4
 E  seller_quantity_definition_5
 E  buyer_quantity_definition_0
 E  buyer_quantity_definition_1
 E  buyer_quantity_definition_2
 E  buyer_quantity_definition_3
 E  buyer_quantity_definition_4
 E  buyer_quantity_definition_5
 G  seller_ic_down_0
 G  seller_ic_down_1
 G  seller_ic_down_2
 G  seller_ic_down_3
 G  seller_ic_down_4
 G  seller_ic_up_0
 G  seller_ic_up_1
 G  seller_ic_up_2
 G  seller_ic_up_3
 G  seller_ic_up_4
 G  seller_monotonicity_0
 G  seller_monotonicity_1
 G  seller_monotonicity_2
 G  seller_monotonicity_3
 G  seller_monotonicity_4
 G  seller_participation_lower_0
 G  seller_participation_lower_1
 G  seller_participation_lower_2
 G  seller_participation_lower_3
 G  seller_participation_lower_4
 G  seller_participation_lower_5
 G  buyer_ic_down_0
 G  buyer_ic_down_1
 G  buyer_ic_down_2
 G  buyer_ic_down_3
 G  buyer_ic_down_4
 G  buyer_ic_up_0
 G  buyer_ic_up_1
 G  buyer_ic_up_2
 G  buyer_ic_up_3
 G  buyer_ic_up_4
 G  buyer_monotonicity_0
 G  buyer_monotonicity_1
 G  buyer_monotonicity_2
 G  buyer_monotonicity_3
 G  buyer_monotonicity_4
 G  buyer_participation_lower_0
 G  buyer_participation_lower_1
 G  buyer_participation_lower_2
 G  buyer_participation_lower_3
 G  buyer_participation_lower_4
 G  buyer_participation_lower_5
COLUMNS
 trade_s0_b0 seller_quantity_definition_0 0.16666666666666666
 trade_s0_b0 buyer_quantity_definition_0 -0.16666666666666666
 trade_s0_b1 seller_quantity_definition_0 0.16666666666666666
 trade_s0_b1 buyer_quantity_definition_1 -0.16666666666666666
 trade_s0_b2 seller_quantity_definition_0 0.16666666666666666
 trade_s0_b2 buyer_quantity_definition_2 -0.16666666666666666
 trade_s0_b3 seller_quantity_definition_0 0.16666666666666666
 trade_s0_b3 buyer_quantity_definition_3 -0.16666666666666666
 trade_s0_b4 seller_quantity_definition_0 0.16666666666666666
 trade_s0_b4 buyer_quantity_definition_4 -0.16666666666666666
 trade_s0_b5 seller_quantity_definition_0 0.16666666666666666
 trade_s0_b5 buyer_quantity_definition_5 -0.16666666666666666
 trade_s1_b0 seller_quantity_definition_1 0.16666666666666666
 trade_s1_b0 buyer_quantity_definition_0 -0.16666666666666666
 trade_s1_b1 seller_quantity_definition_1 0.16666666666666666
 trade_s1_b1 buyer_quantity_definition_1 -0.16666666666666666
 trade_s1_b2 seller_quantity_definition_1 0.16666666666666666
 trade_s1_b2 buyer_quantity_definition_2 -0.16666666666666666
 trade_s1_b3 seller_quantity_definition_1 0.16666666666666666
 trade_s1_b3 buyer_quantity_definition_3 -0.16666666666666666
 trade_s1_b4 seller_quantity_definition_1 0.16666666666666666
 trade_s1_b4 buyer_quantity_definition_4 -0.16666666666666666
 trade_s1_b5 seller_quantity_definition_1 0.16666666666666666
 trade_s1_b5 buyer_quantity_definition_5 -0.16666666666666666
 trade_s2_b0 seller_quantity_definition_2 0.16666666666666666
 trade_s2_b0 buyer_quantity_definition_0 -0.16666666666666666
 trade_s2_b1 seller_quantity_definition_2 0.16666666666666666
 trade_s2_b1 buyer_quantity_definition_1 -0.16666666666666666
 trade_s2_b2 seller_quantity_definition_2 0.16666666666666666
 trade_s2_b2 buyer_quantity_definition_2 -0.16666666666666666
 trade_s2_b3 seller_quantity_definition_2 0.16666666666666666
 trade_s2_b3 buyer_quantity_definition_3 -0.16666666666666666
 trade_s2_b4 seller_quantity_definition_2 0.16666666666666666
 trade_s2_b4 buyer_quantity_definition_4 -0.16666666666666666
 trade_s2_b5 seller_quantity_definition_2 0.16666666666666666
 trade_s2_b5 buyer_quantity_definition_5 -0.16666666666666666
 trade_s3_b0 seller_quantity_definition_3 0.16666666666666666
 trade_s3_b0 buyer_quantity_definition_0 -0.16666666666666666
 trade_s3_b1 seller_quantity_definition_3 0.16666666666666666
 trade_s3_b1 buyer_quantity_definition_1 -0.16666666666666666
 trade_s3_b2 seller_quantity_definition_3 0.16666666666666666
 trade_s3_b2 buyer_quantity_definition_2 -0.16666666666666666
 trade_s3_b3 seller_quantity_definition_3 0.16666666666666666
 trade_s3_b3 buyer_quantity_definition_3 -0.16666666666666666
 trade_s3_b4 seller_quantity_definition_3 0.16666666666666666
 trade_s3_b4 buyer_quantity_definition_4 -0.16666666666666666
 trade_s3_b5 seller_quantity_definition_3 0.16666666666666666
 trade_s3_b5 buyer_quantity_definition_5 -0.16666666666666666
 trade_s4_b0 seller_quantity_definition_4 0.16666666666666666
 trade_s4_b0 buyer_quantity_definition_0 -0.16666666666666666
 trade_s4_b1 seller_quantity_definition_4 0.16666666666666666
 trade_s4_b1 buyer_quantity_definition_1 -0.16666666666666666
 trade_s4_b2 seller_quantity_definition_4 0.16666666666666666
 trade_s4_b2 buyer_quantity_definition_2 -0.16666666666666666
 trade_s4_b3 seller_quantity_definition_4 0.16666666666666666
 trade_s4_b3 buyer_quantity_definition_3 -0.16666666666666666
 trade_s4_b4 seller_quantity_definition_4 0.16666666666666666
 trade_s4_b4 buyer_quantity_definition_4 -0.16666666666666666
 trade_s4_b5 seller_quantity_definition_4 0.16666666666666666
 trade_s4_b5 buyer_quantity_definition_5 -0.16666666666666666
 trade_s5_b0 seller_quantity_definition_5 0.16666666666666666
 trade_s5_b0 buyer_quantity_definition_0 -0.16666666666666666
 trade_s5_b1 seller_quantity_definition_5 0.16666666666666666
 trade_s5_b1 buyer_quantity_definition_1 -0.16666666666666666
 trade_s5_b2 seller_quantity_definition_5 0.16666666666666666
 trade_s5_b2 buyer_quantity_definition_2 -0.16666666666666666
 trade_s5_b3 seller_quantity_definition_5 0.16666666666666666
 trade_s5_b3 buyer_quantity_definition_3 -0.16666666666666666
 trade_s5_b4 seller_quantity_definition_5 0.16666666666666666
 trade_s5_b4 buyer_quantity_definition_4 -0.16666666666666666
 trade_s5_b5 seller_quantity_definition_5 0.16666666666666666
 trade_s5_b5 buyer_quantity_definition_5 -0.16666666666666666
 seller_quantity_0 seller_quantity_definition_0 1
 seller_quantity_0 seller_ic_down_0 -0.3333333333333333
 seller_quantity_0 seller_ic_up_0 0.16666666666666666
 seller_quantity_0 seller_monotonicity_0 -1
 seller_quantity_0 seller_participation_lower_0 0.16666666666666666
 seller_quantity_1 seller_quantity_definition_1 1
 seller_quantity_1 seller_ic_down_0 0.3333333333333333
 seller_quantity_1 seller_ic_down_1 -0.5
 seller_quantity_1 seller_ic_up_0 -0.16666666666666666
 seller_quantity_1 seller_ic_up_1 0.3333333333333333
 seller_quantity_1 seller_monotonicity_0 1
 seller_quantity_1 seller_monotonicity_1 -1
 seller_quantity_1 seller_participation_lower_1 0.3333333333333333
 seller_quantity_2 seller_quantity_definition_2 1
 seller_quantity_2 seller_ic_down_1 0.5
 seller_quantity_2 seller_ic_down_2 -0.6666666666666666
 seller_quantity_2 seller_ic_up_1 -0.3333333333333333
 seller_quantity_2 seller_ic_up_2 0.5
 seller_quantity_2 seller_monotonicity_1 1
 seller_quantity_2 seller_monotonicity_2 -1
 seller_quantity_2 seller_participation_lower_2 0.5
 seller_quantity_3 seller_quantity_definition_3 1
 seller_quantity_3 seller_ic_down_2 0.6666666666666666
 seller_quantity_3 seller_ic_down_3 -0.8333333333333334
 seller_quantity_3 seller_ic_up_2 -0.5
 seller_quantity_3 seller_ic_up_3 0.6666666666666666
 seller_quantity_3 seller_monotonicity_2 1
 seller_quantity_3 seller_monotonicity_3 -1
 seller_quantity_3 seller_participation_lower_3 0.6666666666666666
 seller_quantity_4 seller_quantity_definition_4 1
 seller_quantity_4 seller_ic_down_3 0.8333333333333334
 seller_quantity_4 seller_ic_down_4 -1
 seller_quantity_4 seller_ic_up_3 -0.6666666666666666
 seller_quantity_4 seller_ic_up_4 0.8333333333333334
 seller_quantity_4 seller_monotonicity_3 1
 seller_quantity_4 seller_monotonicity_4 -1
 seller_quantity_4 seller_participation_lower_4 0.8333333333333334
 seller_quantity_5 seller_quantity_definition_5 1
 seller_quantity_5 seller_ic_down_4 1
 seller_quantity_5 seller_ic_up_4 -0.8333333333333334
 seller_quantity_5 seller_monotonicity_4 1
 seller_quantity_5 seller_participation_lower_5 1
 seller_payment_0 cost -0.16666666666666666
 seller_payment_0 seller_ic_down_0 1
 seller_payment_0 seller_ic_up_0 -1
 seller_payment_0 seller_participation_lower_0 -1
 seller_payment_1 cost -0.16666666666666666
 seller_payment_1 seller_ic_down_0 -1
 seller_payment_1 seller_ic_down_1 1
 seller_payment_1 seller_ic_up_0 1
 seller_payment_1 seller_ic_up_1 -1
 seller_payment_1 seller_participation_lower_1 -1
 seller_payment_2 cost -0.16666666666666666
 seller_payment_2 seller_ic_down_1 -1
 seller_payment_2 seller_ic_down_2 1
 seller_payment_2 seller_ic_up_1 1
 seller_payment_2 seller_ic_up_2 -1
 seller_payment_2 seller_participation_lower_2 -1
 seller_payment_3 cost -0.16666666666666666
 seller_payment_3 seller_ic_down_2 -1
 seller_payment_3 seller_ic_down_3 1
 seller_payment_3 seller_ic_up_2 1
 seller_payment_3 seller_ic_up_3 -1
 seller_payment_3 seller_participation_lower_3 -1
 seller_payment_4 cost -0.16666666666666666
 seller_payment_4 seller_ic_down_3 -1
 seller_payment_4 seller_ic_down_4 1
 seller_payment_4 seller_ic_up_3 1
 seller_payment_4 seller_ic_up_4 -1
 seller_payment_4 seller_participation_lower_4 -1
 seller_payment_5 cost -0.16666666666666666
 seller_payment_5 seller_ic_down_4 -1
 seller_payment_5 seller_ic_up_4 1
 seller_payment_5 seller_participation_lower_5 -1
 buyer_quantity_0 buyer_quantity_definition_0 1
 buyer_quantity_0 buyer_ic_down_0 -0.3333333333333333
 buyer_quantity_0 buyer_ic_up_0 0.16666666666666666
 buyer_quantity_0 buyer_monotonicity_0 -1
 buyer_quantity_0 buyer_participation_lower_0 0.16666666666666666
 buyer_quantity_1 buyer_quantity_definition_1 1
 buyer_quantity_1 buyer_ic_down_0 0.3333333333333333
 buyer_quantity_1 buyer_ic_down_1 -0.5
 buyer_quantity_1 buyer_ic_up_0 -0.16666666666666666
 buyer_quantity_1 buyer_ic_up_1 0.3333333333333333
 buyer_quantity_1 buyer_monotonicity_0 1
 buyer_quantity_1 buyer_monotonicity_1 -1
 buyer_quantity_1 buyer_participation_lower_1 0.3333333333333333
 buyer_quantity_2 buyer_quantity_definition_2 1
 buyer_quantity_2 buyer_ic_down_1 0.5
 buyer_quantity_2 buyer_ic_down_2 -0.6666666666666666
 buyer_quantity_2 buyer_ic_up_1 -0.3333333333333333
 buyer_quantity_2 buyer_ic_up_2 0.5
 buyer_quantity_2 buyer_monotonicity_1 1
 buyer_quantity_2 buyer_monotonicity_2 -1
 buyer_quantity_2 buyer_participation_lower_2 0.5
 buyer_quantity_3 buyer_quantity_definition_3 1
 buyer_quantity_3 buyer_ic_down_2 0.6666666666666666
 buyer_quantity_3 buyer_ic_down_3 -0.8333333333333334
 buyer_quantity_3 buyer_ic_up_2 -0.5
 buyer_quantity_3 buyer_ic_up_3 0.6666666666666666
 buyer_quantity_3 buyer_monotonicity_2 1
 buyer_quantity_3 buyer_monotonicity_3 -1
 buyer_quantity_3 buyer_participation_lower_3 0.6666666666666666
 buyer_quantity_4 buyer_quantity_definition_4 1
 buyer_quantity_4 buyer_ic_down_3 0.8333333333333334
 buyer_quantity_4 buyer_ic_down_4 -1
 buyer_quantity_4 buyer_ic_up_3 -0.6666666666666666
 buyer_quantity_4 buyer_ic_up_4 0.8333333333333334
 buyer_quantity_4 buyer_monotonicity_3 1
 buyer_quantity_4 buyer_monotonicity_4 -1
 buyer_quantity_4 buyer_participation_lower_4 0.8333333333333334
 buyer_quantity_5 buyer_quantity_definition_5 1
 buyer_quantity_5 buyer_ic_down_4 1
 buyer_quantity_5 buyer_ic_up_4 -0.8333333333333334
 buyer_quantity_5 buyer_monotonicity_4 1
 buyer_quantity_5 buyer_participation_lower_5 1
 buyer_payment_0 cost -0.16666666666666666
 buyer_payment_0 buyer_ic_down_0 1
 buyer_payment_0 buyer_ic_up_0 -1
 buyer_payment_0 buyer_participation_lower_0 -1
 buyer_payment_1 cost -0.16666666666666666
 buyer_payment_1 buyer_ic_down_0 -1
 buyer_payment_1 buyer_ic_down_1 1
 buyer_payment_1 buyer_ic_up_0 1
 buyer_payment_1 buyer_ic_up_1 -1
 buyer_payment_1 buyer_participation_lower_1 -1
 buyer_payment_2 cost -0.16666666666666666
 buyer_payment_2 buyer_ic_down_1 -1
 buyer_payment_2 buyer_ic_down_2 1
 buyer_payment_2 buyer_ic_up_1 1
 buyer_payment_2 buyer_ic_up_2 -1
 buyer_payment_2 buyer_participation_lower_2 -1
 buyer_payment_3 cost -0.16666666666666666
 buyer_payment_3 buyer_ic_down_2 -1
 buyer_payment_3 buyer_ic_down_3 1
 buyer_payment_3 buyer_ic_up_2 1
 buyer_payment_3 buyer_ic_up_3 -1
 buyer_payment_3 buyer_participation_lower_3 -1
 buyer_payment_4 cost -0.16666666666666666
 buyer_payment_4 buyer_ic_down_3 -1
 buyer_payment_4 buyer_ic_down_4 1
 buyer_payment_4 buyer_ic_up_3 1
 buyer_payment_4 buyer_ic_up_4 -1
 buyer_payment_4 buyer_participation_lower_4 -1
 buyer_payment_5 cost -0.16666666666666666
 buyer_payment_5 buyer_ic_down_4 -1
 buyer_payment_5 buyer_ic_up_4 1
 buyer_payment_5 buyer_participation_lower_5 -1
RHS
BOUNDS
 FX BOUND trade_s0_b0 0
 FX BOUND trade_s0_b1 1
 FX BOUND trade_s0_b2 1
 FX BOUND trade_s0_b3 1
 FX BOUND trade_s0_b4 1
 FX BOUND trade_s0_b5 1
 FX BOUND trade_s1_b0 0
 FX BOUND trade_s1_b1 0
 FX BOUND trade_s1_b2 1
 FX BOUND trade_s1_b3 1
 FX BOUND trade_s1_b4 1
 FX BOUND trade_s1_b5 1
 FX BOUND trade_s2_b0 0
 FX BOUND trade_s2_b1 0
 FX BOUND trade_s2_b2 0
 FX BOUND trade_s2_b3 1
 FX BOUND trade_s2_b4 1
 FX BOUND trade_s2_b5 1
 FX BOUND trade_s3_b0 0
 FX BOUND trade_s3_b1 0
 FX BOUND trade_s3_b2 0
 FX BOUND trade_s3_b3 0
 FX BOUND trade_s3_b4 1
 FX BOUND trade_s3_b5 1
 FX BOUND trade_s4_b0 0
 FX BOUND trade_s4_b1 0
 FX BOUND trade_s4_b2 0
 FX BOUND trade_s4_b3 0
 FX BOUND trade_s4_b4 0
 FX BOUND trade_s4_b5 1
 FX BOUND trade_s5_b0 0
 FX BOUND trade_s5_b1 0
 FX BOUND trade_s5_b2 0
 FX BOUND trade_s5_b3 0
 FX BOUND trade_s5_b4 0
 FX BOUND trade_s5_b5 0
 FR BOUND seller_quantity_0
 FR BOUND seller_quantity_1
 FR BOUND seller_quantity_2
 FR BOUND seller_quantity_3
 FR BOUND seller_quantity_4
 FR BOUND seller_quantity_5
 FR BOUND seller_payment_0
 FR BOUND seller_payment_1
 FR BOUND seller_payment_2
 FR BOUND seller_payment_3
 FR BOUND seller_payment_4
 FR BOUND seller_payment_5
 FR BOUND buyer_quantity_0
 FR BOUND buyer_quantity_1
 FR BOUND buyer_quantity_2
 FR BOUND buyer_quantity_3
 FR BOUND buyer_quantity_4
 FR BOUND buyer_quantity_5
 FR BOUND buyer_payment_0
 FR BOUND buyer_payment_1
 FR BOUND buyer_payment_2
 FR BOUND buyer_payment_3
 FR BOUND buyer_payment_4
 FR BOUND buyer_payment_5
ENDATA
