* Minimise. The .json file beside this one says what every name means.
NAME mechopt
ROWS
 N  cost
 E  seller_quantity_definition_0
 E  seller_quantity_definition_1
 E  seller_quantity_definition_2
 E  seller_quantity_definition_3
 E  seller_quantity_definition_4
 E  buyer_quantity_definition_0
 E  buyer_quantity_definition_1
 E  buyer_quantity_definition_2
 E  buyer_quantity_definition_3
 E  buyer_quantity_definition_4
 G  seller_ic_down_0
 G  seller_ic_down_1
 G  seller_ic_down_2
 G  seller_ic_down_3
 G  seller_ic_up_0
 G  seller_ic_up_1
 G  seller_ic_up_2
 G  seller_ic_up_3
 G  seller_monotonicity_0
 G  seller_monotonicity_1
 G  seller_monotonicity_2
 G  seller_monotonicity_3
 G  seller_participation_lower_0
 G  seller_participation_lower_1
 G  seller_participation_lower_2
 G  seller_participation_lower_3
 G  seller_participation_lower_4
 G  seller_participation_upper_0
 G  seller_participation_upper_1
 G  seller_participation_upper_2
 G  seller_participation_upper_3
 G  seller_participation_upper_4
 G  buyer_ic_down_0
 G  buyer_ic_down_1
 G  buyer_ic_down_2
 G  buyer_ic_down_3
 G  buyer_ic_up_0
 G  buyer_ic_up_1
 G  buyer_ic_up_2
 G  buyer_ic_up_3
 G  buyer_monotonicity_0
 G  buyer_monotonicity_1
 G  buyer_monotonicity_2
 G  buyer_monotonicity_3
 G  buyer_participation_lower_0
 G  buyer_participation_lower_1
 G  buyer_participation_lower_2
 G  buyer_participation_lower_3
 G  buyer_participation_lower_4
 G  buyer_participation_upper_0
 G  buyer_participation_upper_1
 G  buyer_participation_upper_2
 G  buyer_participation_upper_3
 G  buyer_participation_upper_4
 E  budget
COLUMNS
 trade_s0_b0 seller_quantity_definition_0 0.2
 trade_s0_b0 buyer_quantity_definition_0 -0.2
 trade_s0_b1 seller_quantity_definition_0 0.2
 trade_s0_b1 buyer_quantity_definition_1 -0.2
 trade_s0_b2 seller_quantity_definition_0 0.2
 trade_s0_b2 buyer_quantity_definition_2 -0.2
 trade_s0_b3 seller_quantity_definition_0 0.2
 trade_s0_b3 buyer_quantity_definition_3 -0.2
 trade_s0_b4 seller_quantity_definition_0 0.2
 trade_s0_b4 buyer_quantity_definition_4 -0.2
 trade_s1_b0 seller_quantity_definition_1 0.2
 trade_s1_b0 buyer_quantity_definition_0 -0.2
 trade_s1_b1 seller_quantity_definition_1 0.2
 trade_s1_b1 buyer_quantity_definition_1 -0.2
 trade_s1_b2 seller_quantity_definition_1 0.2
 trade_s1_b2 buyer_quantity_definition_2 -0.2
 trade_s1_b3 seller_quantity_definition_1 0.2
 trade_s1_b3 buyer_quantity_definition_3 -0.2
 trade_s1_b4 seller_quantity_definition_1 0.2
 trade_s1_b4 buyer_quantity_definition_4 -0.2
 trade_s2_b0 seller_quantity_definition_2 0.2
 trade_s2_b0 buyer_quantity_definition_0 -0.2
 trade_s2_b1 seller_quantity_definition_2 0.2
 trade_s2_b1 buyer_quantity_definition_1 -0.2
 trade_s2_b2 seller_quantity_definition_2 0.2
 trade_s2_b2 buyer_quantity_definition_2 -0.2
 trade_s2_b3 seller_quantity_definition_2 0.2
 trade_s2_b3 buyer_quantity_definition_3 -0.2
 trade_s2_b4 seller_quantity_definition_2 0.2
 trade_s2_b4 buyer_quantity_definition_4 -0.2
 trade_s3_b0 seller_quantity_definition_3 0.2
 trade_s3_b0 buyer_quantity_definition_0 -0.2
 trade_s3_b1 seller_quantity_definition_3 0.2
 trade_s3_b1 buyer_quantity_definition_1 -0.2
 trade_s3_b2 seller_quantity_definition_3 0.2
 trade_s3_b2 buyer_quantity_definition_2 -0.2
 trade_s3_b3 seller_quantity_definition_3 0.2
 trade_s3_b3 buyer_quantity_definition_3 -0.2
 trade_s3_b4 seller_quantity_definition_3 0.2
 trade_s3_b4 buyer_quantity_definition_4 -0.2
 trade_s4_b0 seller_quantity_definition_4 0.2
 trade_s4_b0 buyer_quantity_definition_0 -0.2
 trade_s4_b1 seller_quantity_definition_4 0.2
 trade_s4_b1 buyer_quantity_definition_1 -0.2
 trade_s4_b2 seller_quantity_definition_4 0.2
 trade_s4_b2 buyer_quantity_definition_2 -0.2
 trade_s4_b3 seller_quantity_definition_4 0.2
 trade_s4_b3 buyer_quantity_definition_3 -0.2
 trade_s4_b4 seller_quantity_definition_4 0.2
 trade_s4_b4 buyer_quantity_definition_4 -0.2
 seller_quantity_0 cost -0.020000000000000004
 seller_quantity_0 seller_quantity_definition_0 1
 seller_quantity_0 seller_ic_down_0 -0.2
 seller_quantity_0 seller_ic_up_0 0.2
 seller_quantity_0 seller_monotonicity_0 -1
 seller_quantity_0 seller_participation_upper_0 0.2
 seller_quantity_1 cost -0.06
 seller_quantity_1 seller_quantity_definition_1 1
 seller_quantity_1 seller_ic_down_0 0.2
 seller_quantity_1 seller_ic_down_1 -0.4
 seller_quantity_1 seller_ic_up_0 -0.2
 seller_quantity_1 seller_ic_up_1 0.4
 seller_quantity_1 seller_monotonicity_0 1
 seller_quantity_1 seller_monotonicity_1 -1
 seller_quantity_1 seller_participation_lower_1 0.2
 seller_quantity_1 seller_participation_upper_1 0.4
 seller_quantity_2 cost -0.1
 seller_quantity_2 seller_quantity_definition_2 1
 seller_quantity_2 seller_ic_down_1 0.4
 seller_quantity_2 seller_ic_down_2 -0.6
 seller_quantity_2 seller_ic_up_1 -0.4
 seller_quantity_2 seller_ic_up_2 0.6
 seller_quantity_2 seller_monotonicity_1 1
 seller_quantity_2 seller_monotonicity_2 -1
 seller_quantity_2 seller_participation_lower_2 0.4
 seller_quantity_2 seller_participation_upper_2 0.6
 seller_quantity_3 cost -0.13999999999999999
 seller_quantity_3 seller_quantity_definition_3 1
 seller_quantity_3 seller_ic_down_2 0.6
 seller_quantity_3 seller_ic_down_3 -0.8
 seller_quantity_3 seller_ic_up_2 -0.6
 seller_quantity_3 seller_ic_up_3 0.8
 seller_quantity_3 seller_monotonicity_2 1
 seller_quantity_3 seller_monotonicity_3 -1
 seller_quantity_3 seller_participation_lower_3 0.6
 seller_quantity_3 seller_participation_upper_3 0.8
 seller_quantity_4 cost -0.18000000000000002
 seller_quantity_4 seller_quantity_definition_4 1
 seller_quantity_4 seller_ic_down_3 0.8
 seller_quantity_4 seller_ic_up_3 -0.8
 seller_quantity_4 seller_monotonicity_3 1
 seller_quantity_4 seller_participation_lower_4 0.8
 seller_quantity_4 seller_participation_upper_4 1
 seller_payment_0 cost 0.2
 seller_payment_0 seller_ic_down_0 1
 seller_payment_0 seller_ic_up_0 -1
 seller_payment_0 seller_participation_lower_0 -1
 seller_payment_0 seller_participation_upper_0 -1
 seller_payment_0 budget 0.2
 seller_payment_1 cost 0.2
 seller_payment_1 seller_ic_down_0 -1
 seller_payment_1 seller_ic_down_1 1
 seller_payment_1 seller_ic_up_0 1
 seller_payment_1 seller_ic_up_1 -1
 seller_payment_1 seller_participation_lower_1 -1
 seller_payment_1 seller_participation_upper_1 -1
 seller_payment_1 budget 0.2
 seller_payment_2 cost 0.2
 seller_payment_2 seller_ic_down_1 -1
 seller_payment_2 seller_ic_down_2 1
 seller_payment_2 seller_ic_up_1 1
 seller_payment_2 seller_ic_up_2 -1
 seller_payment_2 seller_participation_lower_2 -1
 seller_payment_2 seller_participation_upper_2 -1
 seller_payment_2 budget 0.2
 seller_payment_3 cost 0.2
 seller_payment_3 seller_ic_down_2 -1
 seller_payment_3 seller_ic_down_3 1
 seller_payment_3 seller_ic_up_2 1
 seller_payment_3 seller_ic_up_3 -1
 seller_payment_3 seller_participation_lower_3 -1
 seller_payment_3 seller_participation_upper_3 -1
 seller_payment_3 budget 0.2
 seller_payment_4 cost 0.2
 seller_payment_4 seller_ic_down_3 -1
 seller_payment_4 seller_ic_up_3 1
 seller_payment_4 seller_participation_lower_4 -1
 seller_payment_4 seller_participation_upper_4 -1
 seller_payment_4 budget 0.2
 buyer_quantity_0 cost -0.020000000000000004
 buyer_quantity_0 buyer_quantity_definition_0 1
 buyer_quantity_0 buyer_ic_down_0 -0.2
 buyer_quantity_0 buyer_ic_up_0 0.2
 buyer_quantity_0 buyer_monotonicity_0 -1
 buyer_quantity_0 buyer_participation_upper_0 0.2
 buyer_quantity_1 cost -0.06
 buyer_quantity_1 buyer_quantity_definition_1 1
 buyer_quantity_1 buyer_ic_down_0 0.2
 buyer_quantity_1 buyer_ic_down_1 -0.4
 buyer_quantity_1 buyer_ic_up_0 -0.2
 buyer_quantity_1 buyer_ic_up_1 0.4
 buyer_quantity_1 buyer_monotonicity_0 1
 buyer_quantity_1 buyer_monotonicity_1 -1
 buyer_quantity_1 buyer_participation_lower_1 0.2
 buyer_quantity_1 buyer_participation_upper_1 0.4
 buyer_quantity_2 cost -0.1
 buyer_quantity_2 buyer_quantity_definition_2 1
 buyer_quantity_2 buyer_ic_down_1 0.4
 buyer_quantity_2 buyer_ic_down_2 -0.6
 buyer_quantity_2 buyer_ic_up_1 -0.4
 buyer_quantity_2 buyer_ic_up_2 0.6
 buyer_quantity_2 buyer_monotonicity_1 1
 buyer_quantity_2 buyer_monotonicity_2 -1
 buyer_quantity_2 buyer_participation_lower_2 0.4
 buyer_quantity_2 buyer_participation_upper_2 0.6
 buyer_quantity_3 cost -0.13999999999999999
 buyer_quantity_3 buyer_quantity_definition_3 1
 buyer_quantity_3 buyer_ic_down_2 0.6
 buyer_quantity_3 buyer_ic_down_3 -0.8
 buyer_quantity_3 buyer_ic_up_2 -0.6
 buyer_quantity_3 buyer_ic_up_3 0.8
 buyer_quantity_3 buyer_monotonicity_2 1
 buyer_quantity_3 buyer_monotonicity_3 -1
 buyer_quantity_3 buyer_participation_lower_3 0.6
 buyer_quantity_3 buyer_participation_upper_3 0.8
 buyer_quantity_4 cost -0.18000000000000002
 buyer_quantity_4 buyer_quantity_definition_4 1
 buyer_quantity_4 buyer_ic_down_3 0.8
 buyer_quantity_4 buyer_ic_up_3 -0.8
 buyer_quantity_4 buyer_monotonicity_3 1
 buyer_quantity_4 buyer_participation_lower_4 0.8
 buyer_quantity_4 buyer_participation_upper_4 1
 buyer_payment_0 cost 0.2
 buyer_payment_0 buyer_ic_down_0 1
 buyer_payment_0 buyer_ic_up_0 -1
 buyer_payment_0 buyer_participation_lower_0 -1
 buyer_payment_0 buyer_participation_upper_0 -1
 buyer_payment_0 budget 0.2
 buyer_payment_1 cost 0.2
 buyer_payment_1 buyer_ic_down_0 -1
 buyer_payment_1 buyer_ic_down_1 1
 buyer_payment_1 buyer_ic_up_0 1
 buyer_payment_1 buyer_ic_up_1 -1
 buyer_payment_1 buyer_participation_lower_1 -1
 buyer_payment_1 buyer_participation_upper_1 -1
 buyer_payment_1 budget 0.2
 buyer_payment_2 cost 0.2
 buyer_payment_2 buyer_ic_down_1 -1
 buyer_payment_2 buyer_ic_down_2 1
 buyer_payment_2 buyer_ic_up_1 1
 buyer_payment_2 buyer_ic_up_2 -1
 buyer_payment_2 buyer_participation_lower_2 -1
 buyer_payment_2 buyer_participation_upper_2 -1
 buyer_payment_2 budget 0.2
 buyer_payment_3 cost 0.2
 buyer_payment_3 buyer_ic_down_2 -1
 buyer_payment_3 buyer_ic_down_3 1
 buyer_payment_3 buyer_ic_up_2 1
 buyer_payment_3 buyer_ic_up_3 -1
 buyer_payment_3 buyer_participation_lower_3 -1
 buyer_payment_3 buyer_participation_upper_3 -1
 buyer_payment_3 budget 0.2
 buyer_payment_4 cost 0.2
 buyer_payment_4 buyer_ic_down_3 -1
 buyer_payment_4 buyer_ic_up_3 1
 buyer_payment_4 buyer_participation_lower_4 -1
 buyer_payment_4 buyer_participation_upper_4 -1
 buyer_payment_4 budget 0.2
RHS
BOUNDS
 UP BOUND trade_s0_b0 1
 UP BOUND trade_s0_b1 1
 UP BOUND trade_s0_b2 1
 UP BOUND trade_s0_b3 1
 UP BOUND trade_s0_b4 1
 UP BOUND trade_s1_b0 1
 UP BOUND trade_s1_b1 1
 UP BOUND trade_s1_b2 1
 UP BOUND trade_s1_b3 1
 UP BOUND trade_s1_b4 1
 UP BOUND trade_s2_b0 1
 UP BOUND trade_s2_b1 1
 UP BOUND trade_s2_b2 1
 UP BOUND trade_s2_b3 1
 UP BOUND trade_s2_b4 1
 UP BOUND trade_s3_b0 1
 UP BOUND trade_s3_b1 1
 UP BOUND trade_s3_b2 1
 UP BOUND trade_s3_b3 1
 UP BOUND trade_s3_b4 1
 UP BOUND trade_s4_b0 1
 UP BOUND trade_s4_b1 1
 UP BOUND trade_s4_b2 1
 UP BOUND trade_s4_b3 1
 UP BOUND trade_s4_b4 1
 FR BOUND seller_quantity_0
 FR BOUND seller_quantity_1
 FR BOUND seller_quantity_2
 FR BOUND seller_quantity_3
 FR BOUND seller_quantity_4
 FR BOUND seller_payment_0
 FR BOUND seller_payment_1
 FR BOUND seller_payment_2
 FR BOUND seller_payment_3
 FR BOUND seller_payment_4
 FR BOUND buyer_quantity_0
 FR BOUND buyer_quantity_1
 FR BOUND buyer_quantity_2
 FR BOUND buyer_quantity_3
 FR BOUND buyer_quantity_4
 FR BOUND buyer_payment_0
 FR BOUND buyer_payment_1
 FR BOUND buyer_payment_2
 FR BOUND buyer_payment_3
 FR BOUND buyer_payment_4
ENDATA
