* Minimise. The .json file beside this one says what every name means.
NAME mechopt
ROWS
 N  cost
 G  once_s0_b0
 G  once_s0_b1
 G  once_s0_b2
 G  once_s0_b3
 G  once_s1_b0
 G  once_s1_b1
 G  once_s1_b2
 G  once_s1_b3
 G  once_s2_b0
 G  once_s2_b1
 G  once_s2_b2
 G  once_s2_b3
 G  once_s3_b0
 G  once_s3_b1
 G  once_s3_b2
 G  once_s3_b3
 E  seller_quantity_definition_0
 E  seller_quantity_definition_1
 E  seller_quantity_definition_2
 E  seller_quantity_definition_3
 E  buyer_quantity_definition_0
 E  buyer_quantity_definition_1
 E  buyer_quantity_definition_2
 E  buyer_quantity_definition_3
 G  seller_ic_down_0
 G  seller_ic_down_1
 G  seller_ic_down_2
 G  seller_ic_up_0
 G  seller_ic_up_1
 G  seller_ic_up_2
 G  seller_monotonicity_0
 G  seller_monotonicity_1
 G  seller_monotonicity_2
 G  seller_participation_lower_0
 G  seller_participation_lower_1
 G  seller_participation_lower_2
 G  seller_participation_lower_3
 G  buyer_ic_down_0
 G  buyer_ic_down_1
 G  buyer_ic_down_2
 G  buyer_ic_up_0
 G  buyer_ic_up_1
 G  buyer_ic_up_2
 G  buyer_monotonicity_0
 G  buyer_monotonicity_1
 G  buyer_monotonicity_2
 G  buyer_participation_lower_0
 G  buyer_participation_lower_1
 G  buyer_participation_lower_2
 G  buyer_participation_lower_3
 E  budget
COLUMNS
 trade_at_0__s0_b0 once_s0_b0 -1
 trade_at_0__s0_b0 seller_quantity_definition_0 0.25
 trade_at_0__s0_b0 buyer_quantity_definition_0 -0.25
 trade_at_0__s0_b1 once_s0_b1 -1
 trade_at_0__s0_b1 seller_quantity_definition_0 0.25
 trade_at_0__s0_b1 buyer_quantity_definition_1 -0.25
 trade_at_0__s0_b2 once_s0_b2 -1
 trade_at_0__s0_b2 seller_quantity_definition_0 0.25
 trade_at_0__s0_b2 buyer_quantity_definition_2 -0.25
 trade_at_0__s0_b3 once_s0_b3 -1
 trade_at_0__s0_b3 seller_quantity_definition_0 0.25
 trade_at_0__s0_b3 buyer_quantity_definition_3 -0.25
 trade_at_0__s1_b0 once_s1_b0 -1
 trade_at_0__s1_b0 seller_quantity_definition_1 0.25
 trade_at_0__s1_b0 buyer_quantity_definition_0 -0.25
 trade_at_0__s1_b1 once_s1_b1 -1
 trade_at_0__s1_b1 seller_quantity_definition_1 0.25
 trade_at_0__s1_b1 buyer_quantity_definition_1 -0.25
 trade_at_0__s1_b2 once_s1_b2 -1
 trade_at_0__s1_b2 seller_quantity_definition_1 0.25
 trade_at_0__s1_b2 buyer_quantity_definition_2 -0.25
 trade_at_0__s1_b3 once_s1_b3 -1
 trade_at_0__s1_b3 seller_quantity_definition_1 0.25
 trade_at_0__s1_b3 buyer_quantity_definition_3 -0.25
 trade_at_0__s2_b0 once_s2_b0 -1
 trade_at_0__s2_b0 seller_quantity_definition_2 0.25
 trade_at_0__s2_b0 buyer_quantity_definition_0 -0.25
 trade_at_0__s2_b1 once_s2_b1 -1
 trade_at_0__s2_b1 seller_quantity_definition_2 0.25
 trade_at_0__s2_b1 buyer_quantity_definition_1 -0.25
 trade_at_0__s2_b2 once_s2_b2 -1
 trade_at_0__s2_b2 seller_quantity_definition_2 0.25
 trade_at_0__s2_b2 buyer_quantity_definition_2 -0.25
 trade_at_0__s2_b3 once_s2_b3 -1
 trade_at_0__s2_b3 seller_quantity_definition_2 0.25
 trade_at_0__s2_b3 buyer_quantity_definition_3 -0.25
 trade_at_0__s3_b0 once_s3_b0 -1
 trade_at_0__s3_b0 seller_quantity_definition_3 0.25
 trade_at_0__s3_b0 buyer_quantity_definition_0 -0.25
 trade_at_0__s3_b1 once_s3_b1 -1
 trade_at_0__s3_b1 seller_quantity_definition_3 0.25
 trade_at_0__s3_b1 buyer_quantity_definition_1 -0.25
 trade_at_0__s3_b2 once_s3_b2 -1
 trade_at_0__s3_b2 seller_quantity_definition_3 0.25
 trade_at_0__s3_b2 buyer_quantity_definition_2 -0.25
 trade_at_0__s3_b3 once_s3_b3 -1
 trade_at_0__s3_b3 seller_quantity_definition_3 0.25
 trade_at_0__s3_b3 buyer_quantity_definition_3 -0.25
 trade_at_1__s0_b0 once_s0_b0 -1
 trade_at_1__s0_b0 seller_quantity_definition_0 0.1111111111111111
 trade_at_1__s0_b0 buyer_quantity_definition_0 -0.16666666666666666
 trade_at_1__s0_b1 once_s0_b1 -1
 trade_at_1__s0_b1 seller_quantity_definition_0 0.1111111111111111
 trade_at_1__s0_b1 buyer_quantity_definition_1 -0.16666666666666666
 trade_at_1__s0_b2 once_s0_b2 -1
 trade_at_1__s0_b2 seller_quantity_definition_0 0.1111111111111111
 trade_at_1__s0_b2 buyer_quantity_definition_2 -0.16666666666666666
 trade_at_1__s0_b3 once_s0_b3 -1
 trade_at_1__s0_b3 seller_quantity_definition_0 0.1111111111111111
 trade_at_1__s0_b3 buyer_quantity_definition_3 -0.16666666666666666
 trade_at_1__s1_b0 once_s1_b0 -1
 trade_at_1__s1_b0 seller_quantity_definition_1 0.1111111111111111
 trade_at_1__s1_b0 buyer_quantity_definition_0 -0.16666666666666666
 trade_at_1__s1_b1 once_s1_b1 -1
 trade_at_1__s1_b1 seller_quantity_definition_1 0.1111111111111111
 trade_at_1__s1_b1 buyer_quantity_definition_1 -0.16666666666666666
 trade_at_1__s1_b2 once_s1_b2 -1
 trade_at_1__s1_b2 seller_quantity_definition_1 0.1111111111111111
 trade_at_1__s1_b2 buyer_quantity_definition_2 -0.16666666666666666
 trade_at_1__s1_b3 once_s1_b3 -1
 trade_at_1__s1_b3 seller_quantity_definition_1 0.1111111111111111
 trade_at_1__s1_b3 buyer_quantity_definition_3 -0.16666666666666666
 trade_at_1__s2_b0 once_s2_b0 -1
 trade_at_1__s2_b0 seller_quantity_definition_2 0.1111111111111111
 trade_at_1__s2_b0 buyer_quantity_definition_0 -0.16666666666666666
 trade_at_1__s2_b1 once_s2_b1 -1
 trade_at_1__s2_b1 seller_quantity_definition_2 0.1111111111111111
 trade_at_1__s2_b1 buyer_quantity_definition_1 -0.16666666666666666
 trade_at_1__s2_b2 once_s2_b2 -1
 trade_at_1__s2_b2 seller_quantity_definition_2 0.1111111111111111
 trade_at_1__s2_b2 buyer_quantity_definition_2 -0.16666666666666666
 trade_at_1__s2_b3 once_s2_b3 -1
 trade_at_1__s2_b3 seller_quantity_definition_2 0.1111111111111111
 trade_at_1__s2_b3 buyer_quantity_definition_3 -0.16666666666666666
 trade_at_1__s3_b0 once_s3_b0 -1
 trade_at_1__s3_b0 seller_quantity_definition_3 0.1111111111111111
 trade_at_1__s3_b0 buyer_quantity_definition_0 -0.16666666666666666
 trade_at_1__s3_b1 once_s3_b1 -1
 trade_at_1__s3_b1 seller_quantity_definition_3 0.1111111111111111
 trade_at_1__s3_b1 buyer_quantity_definition_1 -0.16666666666666666
 trade_at_1__s3_b2 once_s3_b2 -1
 trade_at_1__s3_b2 seller_quantity_definition_3 0.1111111111111111
 trade_at_1__s3_b2 buyer_quantity_definition_2 -0.16666666666666666
 trade_at_1__s3_b3 once_s3_b3 -1
 trade_at_1__s3_b3 seller_quantity_definition_3 0.1111111111111111
 trade_at_1__s3_b3 buyer_quantity_definition_3 -0.16666666666666666
 trade_at_2__s0_b0 once_s0_b0 -1
 trade_at_2__s0_b0 seller_quantity_definition_0 0.027777777777777776
 trade_at_2__s0_b0 buyer_quantity_definition_0 -0.08333333333333333
 trade_at_2__s0_b1 once_s0_b1 -1
 trade_at_2__s0_b1 seller_quantity_definition_0 0.027777777777777776
 trade_at_2__s0_b1 buyer_quantity_definition_1 -0.08333333333333333
 trade_at_2__s0_b2 once_s0_b2 -1
 trade_at_2__s0_b2 seller_quantity_definition_0 0.027777777777777776
 trade_at_2__s0_b2 buyer_quantity_definition_2 -0.08333333333333333
 trade_at_2__s0_b3 once_s0_b3 -1
 trade_at_2__s0_b3 seller_quantity_definition_0 0.027777777777777776
 trade_at_2__s0_b3 buyer_quantity_definition_3 -0.08333333333333333
 trade_at_2__s1_b0 once_s1_b0 -1
 trade_at_2__s1_b0 seller_quantity_definition_1 0.027777777777777776
 trade_at_2__s1_b0 buyer_quantity_definition_0 -0.08333333333333333
 trade_at_2__s1_b1 once_s1_b1 -1
 trade_at_2__s1_b1 seller_quantity_definition_1 0.027777777777777776
 trade_at_2__s1_b1 buyer_quantity_definition_1 -0.08333333333333333
 trade_at_2__s1_b2 once_s1_b2 -1
 trade_at_2__s1_b2 seller_quantity_definition_1 0.027777777777777776
 trade_at_2__s1_b2 buyer_quantity_definition_2 -0.08333333333333333
 trade_at_2__s1_b3 once_s1_b3 -1
 trade_at_2__s1_b3 seller_quantity_definition_1 0.027777777777777776
 trade_at_2__s1_b3 buyer_quantity_definition_3 -0.08333333333333333
 trade_at_2__s2_b0 once_s2_b0 -1
 trade_at_2__s2_b0 seller_quantity_definition_2 0.027777777777777776
 trade_at_2__s2_b0 buyer_quantity_definition_0 -0.08333333333333333
 trade_at_2__s2_b1 once_s2_b1 -1
 trade_at_2__s2_b1 seller_quantity_definition_2 0.027777777777777776
 trade_at_2__s2_b1 buyer_quantity_definition_1 -0.08333333333333333
 trade_at_2__s2_b2 once_s2_b2 -1
 trade_at_2__s2_b2 seller_quantity_definition_2 0.027777777777777776
 trade_at_2__s2_b2 buyer_quantity_definition_2 -0.08333333333333333
 trade_at_2__s2_b3 once_s2_b3 -1
 trade_at_2__s2_b3 seller_quantity_definition_2 0.027777777777777776
 trade_at_2__s2_b3 buyer_quantity_definition_3 -0.08333333333333333
 trade_at_2__s3_b0 once_s3_b0 -1
 trade_at_2__s3_b0 seller_quantity_definition_3 0.027777777777777776
 trade_at_2__s3_b0 buyer_quantity_definition_0 -0.08333333333333333
 trade_at_2__s3_b1 once_s3_b1 -1
 trade_at_2__s3_b1 seller_quantity_definition_3 0.027777777777777776
 trade_at_2__s3_b1 buyer_quantity_definition_1 -0.08333333333333333
 trade_at_2__s3_b2 once_s3_b2 -1
 trade_at_2__s3_b2 seller_quantity_definition_3 0.027777777777777776
 trade_at_2__s3_b2 buyer_quantity_definition_2 -0.08333333333333333
 trade_at_2__s3_b3 once_s3_b3 -1
 trade_at_2__s3_b3 seller_quantity_definition_3 0.027777777777777776
 trade_at_2__s3_b3 buyer_quantity_definition_3 -0.08333333333333333
 seller_quantity_0 cost -0.0625
 seller_quantity_0 seller_quantity_definition_0 1
 seller_quantity_0 seller_ic_down_0 -0.5
 seller_quantity_0 seller_ic_up_0 0.25
 seller_quantity_0 seller_monotonicity_0 -1
 seller_quantity_0 seller_participation_lower_0 0.25
 seller_quantity_1 cost -0.125
 seller_quantity_1 seller_quantity_definition_1 1
 seller_quantity_1 seller_ic_down_0 0.5
 seller_quantity_1 seller_ic_down_1 -0.75
 seller_quantity_1 seller_ic_up_0 -0.25
 seller_quantity_1 seller_ic_up_1 0.5
 seller_quantity_1 seller_monotonicity_0 1
 seller_quantity_1 seller_monotonicity_1 -1
 seller_quantity_1 seller_participation_lower_1 0.5
 seller_quantity_2 cost -0.1875
 seller_quantity_2 seller_quantity_definition_2 1
 seller_quantity_2 seller_ic_down_1 0.75
 seller_quantity_2 seller_ic_down_2 -1
 seller_quantity_2 seller_ic_up_1 -0.5
 seller_quantity_2 seller_ic_up_2 0.75
 seller_quantity_2 seller_monotonicity_1 1
 seller_quantity_2 seller_monotonicity_2 -1
 seller_quantity_2 seller_participation_lower_2 0.75
 seller_quantity_3 cost -0.25
 seller_quantity_3 seller_quantity_definition_3 1
 seller_quantity_3 seller_ic_down_2 1
 seller_quantity_3 seller_ic_up_2 -0.75
 seller_quantity_3 seller_monotonicity_2 1
 seller_quantity_3 seller_participation_lower_3 1
 seller_payment_0 cost 0.25
 seller_payment_0 seller_ic_down_0 1
 seller_payment_0 seller_ic_up_0 -1
 seller_payment_0 seller_participation_lower_0 -1
 seller_payment_0 budget 0.25
 seller_payment_1 cost 0.25
 seller_payment_1 seller_ic_down_0 -1
 seller_payment_1 seller_ic_down_1 1
 seller_payment_1 seller_ic_up_0 1
 seller_payment_1 seller_ic_up_1 -1
 seller_payment_1 seller_participation_lower_1 -1
 seller_payment_1 budget 0.25
 seller_payment_2 cost 0.25
 seller_payment_2 seller_ic_down_1 -1
 seller_payment_2 seller_ic_down_2 1
 seller_payment_2 seller_ic_up_1 1
 seller_payment_2 seller_ic_up_2 -1
 seller_payment_2 seller_participation_lower_2 -1
 seller_payment_2 budget 0.25
 seller_payment_3 cost 0.25
 seller_payment_3 seller_ic_down_2 -1
 seller_payment_3 seller_ic_up_2 1
 seller_payment_3 seller_participation_lower_3 -1
 seller_payment_3 budget 0.25
 buyer_quantity_0 cost -0.0625
 buyer_quantity_0 buyer_quantity_definition_0 1
 buyer_quantity_0 buyer_ic_down_0 -0.5
 buyer_quantity_0 buyer_ic_up_0 0.25
 buyer_quantity_0 buyer_monotonicity_0 -1
 buyer_quantity_0 buyer_participation_lower_0 0.25
 buyer_quantity_1 cost -0.125
 buyer_quantity_1 buyer_quantity_definition_1 1
 buyer_quantity_1 buyer_ic_down_0 0.5
 buyer_quantity_1 buyer_ic_down_1 -0.75
 buyer_quantity_1 buyer_ic_up_0 -0.25
 buyer_quantity_1 buyer_ic_up_1 0.5
 buyer_quantity_1 buyer_monotonicity_0 1
 buyer_quantity_1 buyer_monotonicity_1 -1
 buyer_quantity_1 buyer_participation_lower_1 0.5
 buyer_quantity_2 cost -0.1875
 buyer_quantity_2 buyer_quantity_definition_2 1
 buyer_quantity_2 buyer_ic_down_1 0.75
 buyer_quantity_2 buyer_ic_down_2 -1
 buyer_quantity_2 buyer_ic_up_1 -0.5
 buyer_quantity_2 buyer_ic_up_2 0.75
 buyer_quantity_2 buyer_monotonicity_1 1
 buyer_quantity_2 buyer_monotonicity_2 -1
 buyer_quantity_2 buyer_participation_lower_2 0.75
 buyer_quantity_3 cost -0.25
 buyer_quantity_3 buyer_quantity_definition_3 1
 buyer_quantity_3 buyer_ic_down_2 1
 buyer_quantity_3 buyer_ic_up_2 -0.75
 buyer_quantity_3 buyer_monotonicity_2 1
 buyer_quantity_3 buyer_participation_lower_3 1
 buyer_payment_0 cost 0.25
 buyer_payment_0 buyer_ic_down_0 1
 buyer_payment_0 buyer_ic_up_0 -1
 buyer_payment_0 buyer_participation_lower_0 -1
 buyer_payment_0 budget 0.25
 buyer_payment_1 cost 0.25
 buyer_payment_1 buyer_ic_down_0 -1
 buyer_payment_1 buyer_ic_down_1 1
 buyer_payment_1 buyer_ic_up_0 1
 buyer_payment_1 buyer_ic_up_1 -1
 buyer_payment_1 buyer_participation_lower_1 -1
 buyer_payment_1 budget 0.25
 buyer_payment_2 cost 0.25
 buyer_payment_2 buyer_ic_down_1 -1
 buyer_payment_2 buyer_ic_down_2 1
 buyer_payment_2 buyer_ic_up_1 1
 buyer_payment_2 buyer_ic_up_2 -1
 buyer_payment_2 buyer_participation_lower_2 -1
 buyer_payment_2 budget 0.25
 buyer_payment_3 cost 0.25
 buyer_payment_3 buyer_ic_down_2 -1
 buyer_payment_3 buyer_ic_up_2 1
 buyer_payment_3 buyer_participation_lower_3 -1
 buyer_payment_3 budget 0.25
RHS
 RHS once_s0_b0 -1
 RHS once_s0_b1 -1
 RHS once_s0_b2 -1
 RHS once_s0_b3 -1
 RHS once_s1_b0 -1
 RHS once_s1_b1 -1
 RHS once_s1_b2 -1
 RHS once_s1_b3 -1
 RHS once_s2_b0 -1
 RHS once_s2_b1 -1
 RHS once_s2_b2 -1
 RHS once_s2_b3 -1
 RHS once_s3_b0 -1
 RHS once_s3_b1 -1
 RHS once_s3_b2 -1
 RHS once_s3_b3 -1
BOUNDS
 UP BOUND trade_at_0__s0_b0 1
 UP BOUND trade_at_0__s0_b1 1
 UP BOUND trade_at_0__s0_b2 1
 UP BOUND trade_at_0__s0_b3 1
 UP BOUND trade_at_0__s1_b0 1
 UP BOUND trade_at_0__s1_b1 1
 UP BOUND trade_at_0__s1_b2 1
 UP BOUND trade_at_0__s1_b3 1
 UP BOUND trade_at_0__s2_b0 1
 UP BOUND trade_at_0__s2_b1 1
 UP BOUND trade_at_0__s2_b2 1
 UP BOUND trade_at_0__s2_b3 1
 UP BOUND trade_at_0__s3_b0 1
 UP BOUND trade_at_0__s3_b1 1
 UP BOUND trade_at_0__s3_b2 1
 UP BOUND trade_at_0__s3_b3 1
 UP BOUND trade_at_1__s0_b0 1
 UP BOUND trade_at_1__s0_b1 1
 UP BOUND trade_at_1__s0_b2 1
 UP BOUND trade_at_1__s0_b3 1
 UP BOUND trade_at_1__s1_b0 1
 UP BOUND trade_at_1__s1_b1 1
 UP BOUND trade_at_1__s1_b2 1
 UP BOUND trade_at_1__s1_b3 1
 UP BOUND trade_at_1__s2_b0 1
 UP BOUND trade_at_1__s2_b1 1
 UP BOUND trade_at_1__s2_b2 1
 UP BOUND trade_at_1__s2_b3 1
 UP BOUND trade_at_1__s3_b0 1
 UP BOUND trade_at_1__s3_b1 1
 UP BOUND trade_at_1__s3_b2 1
 UP BOUND trade_at_1__s3_b3 1
 UP BOUND trade_at_2__s0_b0 1
 UP BOUND trade_at_2__s0_b1 1
 UP BOUND trade_at_2__s0_b2 1
 UP BOUND trade_at_2__s0_b3 1
 UP BOUND trade_at_2__s1_b0 1
 UP BOUND trade_at_2__s1_b1 1
 UP BOUND trade_at_2__s1_b2 1
 UP BOUND trade_at_2__s1_b3 1
 UP BOUND trade_at_2__s2_b0 1
 UP BOUND trade_at_2__s2_b1 1
 UP BOUND trade_at_2__s2_b2 1
 UP BOUND trade_at_2__s2_b3 1
 UP BOUND trade_at_2__s3_b0 1
 UP BOUND trade_at_2__s3_b1 1
 UP BOUND trade_at_2__s3_b2 1
 UP BOUND trade_at_2__s3_b3 1
 FR BOUND seller_quantity_0
 FR BOUND seller_quantity_1
 FR BOUND seller_quantity_2
 FR BOUND seller_quantity_3
 FR BOUND seller_payment_0
 FR BOUND seller_payment_1
 FR BOUND seller_payment_2
 FR BOUND seller_payment_3
 FR BOUND buyer_quantity_0
 FR BOUND buyer_quantity_1
 FR BOUND buyer_quantity_2
 FR BOUND buyer_quantity_3
 FR BOUND buyer_payment_0
 FR BOUND buyer_payment_1
 FR BOUND buyer_payment_2
 FR BOUND buyer_payment_3
ENDATA
