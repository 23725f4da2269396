* Minimise. The .json file beside this one says what every name means.
NAME mechopt
ROWS
 N  cost
 G  seller_ic_lower_0_1
 G  seller_ic_lower_0_2
 G  seller_ic_lower_0_3
 G  seller_ic_lower_1_0
 G  seller_ic_lower_1_2
 G  seller_ic_lower_1_3
 G  seller_ic_lower_2_0
 G  seller_ic_lower_2_1
 G  seller_ic_lower_2_3
 G  seller_ic_lower_3_0
 G  seller_ic_lower_3_1
 G  seller_ic_lower_3_2
 G  seller_participation_lower_0
 G  seller_participation_lower_1
 G  seller_participation_lower_2
 G  seller_participation_lower_3
 G  buyer_ic_lower_0_1
 G  buyer_ic_lower_0_2
 G  buyer_ic_lower_0_3
 G  buyer_ic_lower_1_0
 G  buyer_ic_lower_1_2
 G  buyer_ic_lower_1_3
 G  buyer_ic_lower_2_0
 G  buyer_ic_lower_2_1
 G  buyer_ic_lower_2_3
 G  buyer_ic_lower_3_0
 G  buyer_ic_lower_3_1
 G  buyer_ic_lower_3_2
 G  buyer_participation_lower_0
 G  buyer_participation_lower_1
 G  buyer_participation_lower_2
 G  buyer_participation_lower_3
 E  budget_s0_b0
 E  budget_s0_b1
 E  budget_s0_b2
 E  budget_s0_b3
 E  budget_s1_b0
 E  budget_s1_b1
 E  budget_s1_b2
 E  budget_s1_b3
 E  budget_s2_b0
 E  budget_s2_b1
 E  budget_s2_b2
 E  budget_s2_b3
 E  budget_s3_b0
 E  budget_s3_b1
 E  budget_s3_b2
 E  budget_s3_b3
COLUMNS
 trade_s0_b0 seller_ic_lower_0_1 -0.0625
 trade_s0_b0 seller_ic_lower_0_2 -0.0625
 trade_s0_b0 seller_ic_lower_0_3 -0.0625
 trade_s0_b0 seller_ic_lower_1_0 0.125
 trade_s0_b0 seller_ic_lower_2_0 0.1875
 trade_s0_b0 seller_ic_lower_3_0 0.25
 trade_s0_b0 seller_participation_lower_0 -0.0625
 trade_s0_b0 buyer_ic_lower_0_1 0.0625
 trade_s0_b0 buyer_ic_lower_0_2 0.0625
 trade_s0_b0 buyer_ic_lower_0_3 0.0625
 trade_s0_b0 buyer_ic_lower_1_0 -0.125
 trade_s0_b0 buyer_ic_lower_2_0 -0.1875
 trade_s0_b0 buyer_ic_lower_3_0 -0.25
 trade_s0_b0 buyer_participation_lower_0 0.0625
 trade_s0_b1 cost -0.015625
 trade_s0_b1 seller_ic_lower_0_1 -0.0625
 trade_s0_b1 seller_ic_lower_0_2 -0.0625
 trade_s0_b1 seller_ic_lower_0_3 -0.0625
 trade_s0_b1 seller_ic_lower_1_0 0.125
 trade_s0_b1 seller_ic_lower_2_0 0.1875
 trade_s0_b1 seller_ic_lower_3_0 0.25
 trade_s0_b1 seller_participation_lower_0 -0.0625
 trade_s0_b1 buyer_ic_lower_0_1 -0.0625
 trade_s0_b1 buyer_ic_lower_1_0 0.125
 trade_s0_b1 buyer_ic_lower_1_2 0.125
 trade_s0_b1 buyer_ic_lower_1_3 0.125
 trade_s0_b1 buyer_ic_lower_2_1 -0.1875
 trade_s0_b1 buyer_ic_lower_3_1 -0.25
 trade_s0_b1 buyer_participation_lower_1 0.125
 trade_s0_b2 cost -0.03125
 trade_s0_b2 seller_ic_lower_0_1 -0.0625
 trade_s0_b2 seller_ic_lower_0_2 -0.0625
 trade_s0_b2 seller_ic_lower_0_3 -0.0625
 trade_s0_b2 seller_ic_lower_1_0 0.125
 trade_s0_b2 seller_ic_lower_2_0 0.1875
 trade_s0_b2 seller_ic_lower_3_0 0.25
 trade_s0_b2 seller_participation_lower_0 -0.0625
 trade_s0_b2 buyer_ic_lower_0_2 -0.0625
 trade_s0_b2 buyer_ic_lower_1_2 -0.125
 trade_s0_b2 buyer_ic_lower_2_0 0.1875
 trade_s0_b2 buyer_ic_lower_2_1 0.1875
 trade_s0_b2 buyer_ic_lower_2_3 0.1875
 trade_s0_b2 buyer_ic_lower_3_2 -0.25
 trade_s0_b2 buyer_participation_lower_2 0.1875
 trade_s0_b3 cost -0.046875
 trade_s0_b3 seller_ic_lower_0_1 -0.0625
 trade_s0_b3 seller_ic_lower_0_2 -0.0625
 trade_s0_b3 seller_ic_lower_0_3 -0.0625
 trade_s0_b3 seller_ic_lower_1_0 0.125
 trade_s0_b3 seller_ic_lower_2_0 0.1875
 trade_s0_b3 seller_ic_lower_3_0 0.25
 trade_s0_b3 seller_participation_lower_0 -0.0625
 trade_s0_b3 buyer_ic_lower_0_3 -0.0625
 trade_s0_b3 buyer_ic_lower_1_3 -0.125
 trade_s0_b3 buyer_ic_lower_2_3 -0.1875
 trade_s0_b3 buyer_ic_lower_3_0 0.25
 trade_s0_b3 buyer_ic_lower_3_1 0.25
 trade_s0_b3 buyer_ic_lower_3_2 0.25
 trade_s0_b3 buyer_participation_lower_3 0.25
 trade_s1_b0 cost 0.015625
 trade_s1_b0 seller_ic_lower_0_1 0.0625
 trade_s1_b0 seller_ic_lower_1_0 -0.125
 trade_s1_b0 seller_ic_lower_1_2 -0.125
 trade_s1_b0 seller_ic_lower_1_3 -0.125
 trade_s1_b0 seller_ic_lower_2_1 0.1875
 trade_s1_b0 seller_ic_lower_3_1 0.25
 trade_s1_b0 seller_participation_lower_1 -0.125
 trade_s1_b0 buyer_ic_lower_0_1 0.0625
 trade_s1_b0 buyer_ic_lower_0_2 0.0625
 trade_s1_b0 buyer_ic_lower_0_3 0.0625
 trade_s1_b0 buyer_ic_lower_1_0 -0.125
 trade_s1_b0 buyer_ic_lower_2_0 -0.1875
 trade_s1_b0 buyer_ic_lower_3_0 -0.25
 trade_s1_b0 buyer_participation_lower_0 0.0625
 trade_s1_b1 seller_ic_lower_0_1 0.0625
 trade_s1_b1 seller_ic_lower_1_0 -0.125
 trade_s1_b1 seller_ic_lower_1_2 -0.125
 trade_s1_b1 seller_ic_lower_1_3 -0.125
 trade_s1_b1 seller_ic_lower_2_1 0.1875
 trade_s1_b1 seller_ic_lower_3_1 0.25
 trade_s1_b1 seller_participation_lower_1 -0.125
 trade_s1_b1 buyer_ic_lower_0_1 -0.0625
 trade_s1_b1 buyer_ic_lower_1_0 0.125
 trade_s1_b1 buyer_ic_lower_1_2 0.125
 trade_s1_b1 buyer_ic_lower_1_3 0.125
 trade_s1_b1 buyer_ic_lower_2_1 -0.1875
 trade_s1_b1 buyer_ic_lower_3_1 -0.25
 trade_s1_b1 buyer_participation_lower_1 0.125
 trade_s1_b2 cost -0.015625
 trade_s1_b2 seller_ic_lower_0_1 0.0625
 trade_s1_b2 seller_ic_lower_1_0 -0.125
 trade_s1_b2 seller_ic_lower_1_2 -0.125
 trade_s1_b2 seller_ic_lower_1_3 -0.125
 trade_s1_b2 seller_ic_lower_2_1 0.1875
 trade_s1_b2 seller_ic_lower_3_1 0.25
 trade_s1_b2 seller_participation_lower_1 -0.125
 trade_s1_b2 buyer_ic_lower_0_2 -0.0625
 trade_s1_b2 buyer_ic_lower_1_2 -0.125
 trade_s1_b2 buyer_ic_lower_2_0 0.1875
 trade_s1_b2 buyer_ic_lower_2_1 0.1875
 trade_s1_b2 buyer_ic_lower_2_3 0.1875
 trade_s1_b2 buyer_ic_lower_3_2 -0.25
 trade_s1_b2 buyer_participation_lower_2 0.1875
 trade_s1_b3 cost -0.03125
 trade_s1_b3 seller_ic_lower_0_1 0.0625
 trade_s1_b3 seller_ic_lower_1_0 -0.125
 trade_s1_b3 seller_ic_lower_1_2 -0.125
 trade_s1_b3 seller_ic_lower_1_3 -0.125
 trade_s1_b3 seller_ic_lower_2_1 0.1875
 trade_s1_b3 seller_ic_lower_3_1 0.25
 trade_s1_b3 seller_participation_lower_1 -0.125
 trade_s1_b3 buyer_ic_lower_0_3 -0.0625
 trade_s1_b3 buyer_ic_lower_1_3 -0.125
 trade_s1_b3 buyer_ic_lower_2_3 -0.1875
 trade_s1_b3 buyer_ic_lower_3_0 0.25
 trade_s1_b3 buyer_ic_lower_3_1 0.25
 trade_s1_b3 buyer_ic_lower_3_2 0.25
 trade_s1_b3 buyer_participation_lower_3 0.25
 trade_s2_b0 cost 0.03125
 trade_s2_b0 seller_ic_lower_0_2 0.0625
 trade_s2_b0 seller_ic_lower_1_2 0.125
 trade_s2_b0 seller_ic_lower_2_0 -0.1875
 trade_s2_b0 seller_ic_lower_2_1 -0.1875
 trade_s2_b0 seller_ic_lower_2_3 -0.1875
 trade_s2_b0 seller_ic_lower_3_2 0.25
 trade_s2_b0 seller_participation_lower_2 -0.1875
 trade_s2_b0 buyer_ic_lower_0_1 0.0625
 trade_s2_b0 buyer_ic_lower_0_2 0.0625
 trade_s2_b0 buyer_ic_lower_0_3 0.0625
 trade_s2_b0 buyer_ic_lower_1_0 -0.125
 trade_s2_b0 buyer_ic_lower_2_0 -0.1875
 trade_s2_b0 buyer_ic_lower_3_0 -0.25
 trade_s2_b0 buyer_participation_lower_0 0.0625
 trade_s2_b1 cost 0.015625
 trade_s2_b1 seller_ic_lower_0_2 0.0625
 trade_s2_b1 seller_ic_lower_1_2 0.125
 trade_s2_b1 seller_ic_lower_2_0 -0.1875
 trade_s2_b1 seller_ic_lower_2_1 -0.1875
 trade_s2_b1 seller_ic_lower_2_3 -0.1875
 trade_s2_b1 seller_ic_lower_3_2 0.25
 trade_s2_b1 seller_participation_lower_2 -0.1875
 trade_s2_b1 buyer_ic_lower_0_1 -0.0625
 trade_s2_b1 buyer_ic_lower_1_0 0.125
 trade_s2_b1 buyer_ic_lower_1_2 0.125
 trade_s2_b1 buyer_ic_lower_1_3 0.125
 trade_s2_b1 buyer_ic_lower_2_1 -0.1875
 trade_s2_b1 buyer_ic_lower_3_1 -0.25
 trade_s2_b1 buyer_participation_lower_1 0.125
 trade_s2_b2 seller_ic_lower_0_2 0.0625
 trade_s2_b2 seller_ic_lower_1_2 0.125
 trade_s2_b2 seller_ic_lower_2_0 -0.1875
 trade_s2_b2 seller_ic_lower_2_1 -0.1875
 trade_s2_b2 seller_ic_lower_2_3 -0.1875
 trade_s2_b2 seller_ic_lower_3_2 0.25
 trade_s2_b2 seller_participation_lower_2 -0.1875
 trade_s2_b2 buyer_ic_lower_0_2 -0.0625
 trade_s2_b2 buyer_ic_lower_1_2 -0.125
 trade_s2_b2 buyer_ic_lower_2_0 0.1875
 trade_s2_b2 buyer_ic_lower_2_1 0.1875
 trade_s2_b2 buyer_ic_lower_2_3 0.1875
 trade_s2_b2 buyer_ic_lower_3_2 -0.25
 trade_s2_b2 buyer_participation_lower_2 0.1875
 trade_s2_b3 cost -0.015625
 trade_s2_b3 seller_ic_lower_0_2 0.0625
 trade_s2_b3 seller_ic_lower_1_2 0.125
 trade_s2_b3 seller_ic_lower_2_0 -0.1875
 trade_s2_b3 seller_ic_lower_2_1 -0.1875
 trade_s2_b3 seller_ic_lower_2_3 -0.1875
 trade_s2_b3 seller_ic_lower_3_2 0.25
 trade_s2_b3 seller_participation_lower_2 -0.1875
 trade_s2_b3 buyer_ic_lower_0_3 -0.0625
 trade_s2_b3 buyer_ic_lower_1_3 -0.125
 trade_s2_b3 buyer_ic_lower_2_3 -0.1875
 trade_s2_b3 buyer_ic_lower_3_0 0.25
 trade_s2_b3 buyer_ic_lower_3_1 0.25
 trade_s2_b3 buyer_ic_lower_3_2 0.25
 trade_s2_b3 buyer_participation_lower_3 0.25
 trade_s3_b0 cost 0.046875
 trade_s3_b0 seller_ic_lower_0_3 0.0625
 trade_s3_b0 seller_ic_lower_1_3 0.125
 trade_s3_b0 seller_ic_lower_2_3 0.1875
 trade_s3_b0 seller_ic_lower_3_0 -0.25
 trade_s3_b0 seller_ic_lower_3_1 -0.25
 trade_s3_b0 seller_ic_lower_3_2 -0.25
 trade_s3_b0 seller_participation_lower_3 -0.25
 trade_s3_b0 buyer_ic_lower_0_1 0.0625
 trade_s3_b0 buyer_ic_lower_0_2 0.0625
 trade_s3_b0 buyer_ic_lower_0_3 0.0625
 trade_s3_b0 buyer_ic_lower_1_0 -0.125
 trade_s3_b0 buyer_ic_lower_2_0 -0.1875
 trade_s3_b0 buyer_ic_lower_3_0 -0.25
 trade_s3_b0 buyer_participation_lower_0 0.0625
 trade_s3_b1 cost 0.03125
 trade_s3_b1 seller_ic_lower_0_3 0.0625
 trade_s3_b1 seller_ic_lower_1_3 0.125
 trade_s3_b1 seller_ic_lower_2_3 0.1875
 trade_s3_b1 seller_ic_lower_3_0 -0.25
 trade_s3_b1 seller_ic_lower_3_1 -0.25
 trade_s3_b1 seller_ic_lower_3_2 -0.25
 trade_s3_b1 seller_participation_lower_3 -0.25
 trade_s3_b1 buyer_ic_lower_0_1 -0.0625
 trade_s3_b1 buyer_ic_lower_1_0 0.125
 trade_s3_b1 buyer_ic_lower_1_2 0.125
 trade_s3_b1 buyer_ic_lower_1_3 0.125
 trade_s3_b1 buyer_ic_lower_2_1 -0.1875
 trade_s3_b1 buyer_ic_lower_3_1 -0.25
 trade_s3_b1 buyer_participation_lower_1 0.125
 trade_s3_b2 cost 0.015625
 trade_s3_b2 seller_ic_lower_0_3 0.0625
 trade_s3_b2 seller_ic_lower_1_3 0.125
 trade_s3_b2 seller_ic_lower_2_3 0.1875
 trade_s3_b2 seller_ic_lower_3_0 -0.25
 trade_s3_b2 seller_ic_lower_3_1 -0.25
 trade_s3_b2 seller_ic_lower_3_2 -0.25
 trade_s3_b2 seller_participation_lower_3 -0.25
 trade_s3_b2 buyer_ic_lower_0_2 -0.0625
 trade_s3_b2 buyer_ic_lower_1_2 -0.125
 trade_s3_b2 buyer_ic_lower_2_0 0.1875
 trade_s3_b2 buyer_ic_lower_2_1 0.1875
 trade_s3_b2 buyer_ic_lower_2_3 0.1875
 trade_s3_b2 buyer_ic_lower_3_2 -0.25
 trade_s3_b2 buyer_participation_lower_2 0.1875
 trade_s3_b3 seller_ic_lower_0_3 0.0625
 trade_s3_b3 seller_ic_lower_1_3 0.125
 trade_s3_b3 seller_ic_lower_2_3 0.1875
 trade_s3_b3 seller_ic_lower_3_0 -0.25
 trade_s3_b3 seller_ic_lower_3_1 -0.25
 trade_s3_b3 seller_ic_lower_3_2 -0.25
 trade_s3_b3 seller_participation_lower_3 -0.25
 trade_s3_b3 buyer_ic_lower_0_3 -0.0625
 trade_s3_b3 buyer_ic_lower_1_3 -0.125
 trade_s3_b3 buyer_ic_lower_2_3 -0.1875
 trade_s3_b3 buyer_ic_lower_3_0 0.25
 trade_s3_b3 buyer_ic_lower_3_1 0.25
 trade_s3_b3 buyer_ic_lower_3_2 0.25
 trade_s3_b3 buyer_participation_lower_3 0.25
 seller_payment_s0_b0 cost 0.0625
 seller_payment_s0_b0 seller_ic_lower_0_1 -0.25
 seller_payment_s0_b0 seller_ic_lower_0_2 -0.25
 seller_payment_s0_b0 seller_ic_lower_0_3 -0.25
 seller_payment_s0_b0 seller_ic_lower_1_0 0.25
 seller_payment_s0_b0 seller_ic_lower_2_0 0.25
 seller_payment_s0_b0 seller_ic_lower_3_0 0.25
 seller_payment_s0_b0 seller_participation_lower_0 -0.25
 seller_payment_s0_b0 budget_s0_b0 1
 seller_payment_s0_b1 cost 0.0625
 seller_payment_s0_b1 seller_ic_lower_0_1 -0.25
 seller_payment_s0_b1 seller_ic_lower_0_2 -0.25
 seller_payment_s0_b1 seller_ic_lower_0_3 -0.25
 seller_payment_s0_b1 seller_ic_lower_1_0 0.25
 seller_payment_s0_b1 seller_ic_lower_2_0 0.25
 seller_payment_s0_b1 seller_ic_lower_3_0 0.25
 seller_payment_s0_b1 seller_participation_lower_0 -0.25
 seller_payment_s0_b1 budget_s0_b1 1
 seller_payment_s0_b2 cost 0.0625
 seller_payment_s0_b2 seller_ic_lower_0_1 -0.25
 seller_payment_s0_b2 seller_ic_lower_0_2 -0.25
 seller_payment_s0_b2 seller_ic_lower_0_3 -0.25
 seller_payment_s0_b2 seller_ic_lower_1_0 0.25
 seller_payment_s0_b2 seller_ic_lower_2_0 0.25
 seller_payment_s0_b2 seller_ic_lower_3_0 0.25
 seller_payment_s0_b2 seller_participation_lower_0 -0.25
 seller_payment_s0_b2 budget_s0_b2 1
 seller_payment_s0_b3 cost 0.0625
 seller_payment_s0_b3 seller_ic_lower_0_1 -0.25
 seller_payment_s0_b3 seller_ic_lower_0_2 -0.25
 seller_payment_s0_b3 seller_ic_lower_0_3 -0.25
 seller_payment_s0_b3 seller_ic_lower_1_0 0.25
 seller_payment_s0_b3 seller_ic_lower_2_0 0.25
 seller_payment_s0_b3 seller_ic_lower_3_0 0.25
 seller_payment_s0_b3 seller_participation_lower_0 -0.25
 seller_payment_s0_b3 budget_s0_b3 1
 seller_payment_s1_b0 cost 0.0625
 seller_payment_s1_b0 seller_ic_lower_0_1 0.25
 seller_payment_s1_b0 seller_ic_lower_1_0 -0.25
 seller_payment_s1_b0 seller_ic_lower_1_2 -0.25
 seller_payment_s1_b0 seller_ic_lower_1_3 -0.25
 seller_payment_s1_b0 seller_ic_lower_2_1 0.25
 seller_payment_s1_b0 seller_ic_lower_3_1 0.25
 seller_payment_s1_b0 seller_participation_lower_1 -0.25
 seller_payment_s1_b0 budget_s1_b0 1
 seller_payment_s1_b1 cost 0.0625
 seller_payment_s1_b1 seller_ic_lower_0_1 0.25
 seller_payment_s1_b1 seller_ic_lower_1_0 -0.25
 seller_payment_s1_b1 seller_ic_lower_1_2 -0.25
 seller_payment_s1_b1 seller_ic_lower_1_3 -0.25
 seller_payment_s1_b1 seller_ic_lower_2_1 0.25
 seller_payment_s1_b1 seller_ic_lower_3_1 0.25
 seller_payment_s1_b1 seller_participation_lower_1 -0.25
 seller_payment_s1_b1 budget_s1_b1 1
 seller_payment_s1_b2 cost 0.0625
 seller_payment_s1_b2 seller_ic_lower_0_1 0.25
 seller_payment_s1_b2 seller_ic_lower_1_0 -0.25
 seller_payment_s1_b2 seller_ic_lower_1_2 -0.25
 seller_payment_s1_b2 seller_ic_lower_1_3 -0.25
 seller_payment_s1_b2 seller_ic_lower_2_1 0.25
 seller_payment_s1_b2 seller_ic_lower_3_1 0.25
 seller_payment_s1_b2 seller_participation_lower_1 -0.25
 seller_payment_s1_b2 budget_s1_b2 1
 seller_payment_s1_b3 cost 0.0625
 seller_payment_s1_b3 seller_ic_lower_0_1 0.25
 seller_payment_s1_b3 seller_ic_lower_1_0 -0.25
 seller_payment_s1_b3 seller_ic_lower_1_2 -0.25
 seller_payment_s1_b3 seller_ic_lower_1_3 -0.25
 seller_payment_s1_b3 seller_ic_lower_2_1 0.25
 seller_payment_s1_b3 seller_ic_lower_3_1 0.25
 seller_payment_s1_b3 seller_participation_lower_1 -0.25
 seller_payment_s1_b3 budget_s1_b3 1
 seller_payment_s2_b0 cost 0.0625
 seller_payment_s2_b0 seller_ic_lower_0_2 0.25
 seller_payment_s2_b0 seller_ic_lower_1_2 0.25
 seller_payment_s2_b0 seller_ic_lower_2_0 -0.25
 seller_payment_s2_b0 seller_ic_lower_2_1 -0.25
 seller_payment_s2_b0 seller_ic_lower_2_3 -0.25
 seller_payment_s2_b0 seller_ic_lower_3_2 0.25
 seller_payment_s2_b0 seller_participation_lower_2 -0.25
 seller_payment_s2_b0 budget_s2_b0 1
 seller_payment_s2_b1 cost 0.0625
 seller_payment_s2_b1 seller_ic_lower_0_2 0.25
 seller_payment_s2_b1 seller_ic_lower_1_2 0.25
 seller_payment_s2_b1 seller_ic_lower_2_0 -0.25
 seller_payment_s2_b1 seller_ic_lower_2_1 -0.25
 seller_payment_s2_b1 seller_ic_lower_2_3 -0.25
 seller_payment_s2_b1 seller_ic_lower_3_2 0.25
 seller_payment_s2_b1 seller_participation_lower_2 -0.25
 seller_payment_s2_b1 budget_s2_b1 1
 seller_payment_s2_b2 cost 0.0625
 seller_payment_s2_b2 seller_ic_lower_0_2 0.25
 seller_payment_s2_b2 seller_ic_lower_1_2 0.25
 seller_payment_s2_b2 seller_ic_lower_2_0 -0.25
 seller_payment_s2_b2 seller_ic_lower_2_1 -0.25
 seller_payment_s2_b2 seller_ic_lower_2_3 -0.25
 seller_payment_s2_b2 seller_ic_lower_3_2 0.25
 seller_payment_s2_b2 seller_participation_lower_2 -0.25
 seller_payment_s2_b2 budget_s2_b2 1
 seller_payment_s2_b3 cost 0.0625
 seller_payment_s2_b3 seller_ic_lower_0_2 0.25
 seller_payment_s2_b3 seller_ic_lower_1_2 0.25
 seller_payment_s2_b3 seller_ic_lower_2_0 -0.25
 seller_payment_s2_b3 seller_ic_lower_2_1 -0.25
 seller_payment_s2_b3 seller_ic_lower_2_3 -0.25
 seller_payment_s2_b3 seller_ic_lower_3_2 0.25
 seller_payment_s2_b3 seller_participation_lower_2 -0.25
 seller_payment_s2_b3 budget_s2_b3 1
 seller_payment_s3_b0 cost 0.0625
 seller_payment_s3_b0 seller_ic_lower_0_3 0.25
 seller_payment_s3_b0 seller_ic_lower_1_3 0.25
 seller_payment_s3_b0 seller_ic_lower_2_3 0.25
 seller_payment_s3_b0 seller_ic_lower_3_0 -0.25
 seller_payment_s3_b0 seller_ic_lower_3_1 -0.25
 seller_payment_s3_b0 seller_ic_lower_3_2 -0.25
 seller_payment_s3_b0 seller_participation_lower_3 -0.25
 seller_payment_s3_b0 budget_s3_b0 1
 seller_payment_s3_b1 cost 0.0625
 seller_payment_s3_b1 seller_ic_lower_0_3 0.25
 seller_payment_s3_b1 seller_ic_lower_1_3 0.25
 seller_payment_s3_b1 seller_ic_lower_2_3 0.25
 seller_payment_s3_b1 seller_ic_lower_3_0 -0.25
 seller_payment_s3_b1 seller_ic_lower_3_1 -0.25
 seller_payment_s3_b1 seller_ic_lower_3_2 -0.25
 seller_payment_s3_b1 seller_participation_lower_3 -0.25
 seller_payment_s3_b1 budget_s3_b1 1
 seller_payment_s3_b2 cost 0.0625
 seller_payment_s3_b2 seller_ic_lower_0_3 0.25
 seller_payment_s3_b2 seller_ic_lower_1_3 0.25
 seller_payment_s3_b2 seller_ic_lower_2_3 0.25
 seller_payment_s3_b2 seller_ic_lower_3_0 -0.25
 seller_payment_s3_b2 seller_ic_lower_3_1 -0.25
 seller_payment_s3_b2 seller_ic_lower_3_2 -0.25
 seller_payment_s3_b2 seller_participation_lower_3 -0.25
 seller_payment_s3_b2 budget_s3_b2 1
 seller_payment_s3_b3 cost 0.0625
 seller_payment_s3_b3 seller_ic_lower_0_3 0.25
 seller_payment_s3_b3 seller_ic_lower_1_3 0.25
 seller_payment_s3_b3 seller_ic_lower_2_3 0.25
 seller_payment_s3_b3 seller_ic_lower_3_0 -0.25
 seller_payment_s3_b3 seller_ic_lower_3_1 -0.25
 seller_payment_s3_b3 seller_ic_lower_3_2 -0.25
 seller_payment_s3_b3 seller_participation_lower_3 -0.25
 seller_payment_s3_b3 budget_s3_b3 1
 buyer_payment_s0_b0 cost 0.0625
 buyer_payment_s0_b0 buyer_ic_lower_0_1 -0.25
 buyer_payment_s0_b0 buyer_ic_lower_0_2 -0.25
 buyer_payment_s0_b0 buyer_ic_lower_0_3 -0.25
 buyer_payment_s0_b0 buyer_ic_lower_1_0 0.25
 buyer_payment_s0_b0 buyer_ic_lower_2_0 0.25
 buyer_payment_s0_b0 buyer_ic_lower_3_0 0.25
 buyer_payment_s0_b0 buyer_participation_lower_0 -0.25
 buyer_payment_s0_b0 budget_s0_b0 1
 buyer_payment_s0_b1 cost 0.0625
 buyer_payment_s0_b1 buyer_ic_lower_0_1 0.25
 buyer_payment_s0_b1 buyer_ic_lower_1_0 -0.25
 buyer_payment_s0_b1 buyer_ic_lower_1_2 -0.25
 buyer_payment_s0_b1 buyer_ic_lower_1_3 -0.25
 buyer_payment_s0_b1 buyer_ic_lower_2_1 0.25
 buyer_payment_s0_b1 buyer_ic_lower_3_1 0.25
 buyer_payment_s0_b1 buyer_participation_lower_1 -0.25
 buyer_payment_s0_b1 budget_s0_b1 1
 buyer_payment_s0_b2 cost 0.0625
 buyer_payment_s0_b2 buyer_ic_lower_0_2 0.25
 buyer_payment_s0_b2 buyer_ic_lower_1_2 0.25
 buyer_payment_s0_b2 buyer_ic_lower_2_0 -0.25
 buyer_payment_s0_b2 buyer_ic_lower_2_1 -0.25
 buyer_payment_s0_b2 buyer_ic_lower_2_3 -0.25
 buyer_payment_s0_b2 buyer_ic_lower_3_2 0.25
 buyer_payment_s0_b2 buyer_participation_lower_2 -0.25
 buyer_payment_s0_b2 budget_s0_b2 1
 buyer_payment_s0_b3 cost 0.0625
 buyer_payment_s0_b3 buyer_ic_lower_0_3 0.25
 buyer_payment_s0_b3 buyer_ic_lower_1_3 0.25
 buyer_payment_s0_b3 buyer_ic_lower_2_3 0.25
 buyer_payment_s0_b3 buyer_ic_lower_3_0 -0.25
 buyer_payment_s0_b3 buyer_ic_lower_3_1 -0.25
 buyer_payment_s0_b3 buyer_ic_lower_3_2 -0.25
 buyer_payment_s0_b3 buyer_participation_lower_3 -0.25
 buyer_payment_s0_b3 budget_s0_b3 1
 buyer_payment_s1_b0 cost 0.0625
 buyer_payment_s1_b0 buyer_ic_lower_0_1 -0.25
 buyer_payment_s1_b0 buyer_ic_lower_0_2 -0.25
 buyer_payment_s1_b0 buyer_ic_lower_0_3 -0.25
 buyer_payment_s1_b0 buyer_ic_lower_1_0 0.25
 buyer_payment_s1_b0 buyer_ic_lower_2_0 0.25
 buyer_payment_s1_b0 buyer_ic_lower_3_0 0.25
 buyer_payment_s1_b0 buyer_participation_lower_0 -0.25
 buyer_payment_s1_b0 budget_s1_b0 1
 buyer_payment_s1_b1 cost 0.0625
 buyer_payment_s1_b1 buyer_ic_lower_0_1 0.25
 buyer_payment_s1_b1 buyer_ic_lower_1_0 -0.25
 buyer_payment_s1_b1 buyer_ic_lower_1_2 -0.25
 buyer_payment_s1_b1 buyer_ic_lower_1_3 -0.25
 buyer_payment_s1_b1 buyer_ic_lower_2_1 0.25
 buyer_payment_s1_b1 buyer_ic_lower_3_1 0.25
 buyer_payment_s1_b1 buyer_participation_lower_1 -0.25
 buyer_payment_s1_b1 budget_s1_b1 1
 buyer_payment_s1_b2 cost 0.0625
 buyer_payment_s1_b2 buyer_ic_lower_0_2 0.25
 buyer_payment_s1_b2 buyer_ic_lower_1_2 0.25
 buyer_payment_s1_b2 buyer_ic_lower_2_0 -0.25
 buyer_payment_s1_b2 buyer_ic_lower_2_1 -0.25
 buyer_payment_s1_b2 buyer_ic_lower_2_3 -0.25
 buyer_payment_s1_b2 buyer_ic_lower_3_2 0.25
 buyer_payment_s1_b2 buyer_participation_lower_2 -0.25
 buyer_payment_s1_b2 budget_s1_b2 1
 buyer_payment_s1_b3 cost 0.0625
 buyer_payment_s1_b3 buyer_ic_lower_0_3 0.25
 buyer_payment_s1_b3 buyer_ic_lower_1_3 0.25
 buyer_payment_s1_b3 buyer_ic_lower_2_3 0.25
 buyer_payment_s1_b3 buyer_ic_lower_3_0 -0.25
 buyer_payment_s1_b3 buyer_ic_lower_3_1 -0.25
 buyer_payment_s1_b3 buyer_ic_lower_3_2 -0.25
 buyer_payment_s1_b3 buyer_participation_lower_3 -0.25
 buyer_payment_s1_b3 budget_s1_b3 1
 buyer_payment_s2_b0 cost 0.0625
 buyer_payment_s2_b0 buyer_ic_lower_0_1 -0.25
 buyer_payment_s2_b0 buyer_ic_lower_0_2 -0.25
 buyer_payment_s2_b0 buyer_ic_lower_0_3 -0.25
 buyer_payment_s2_b0 buyer_ic_lower_1_0 0.25
 buyer_payment_s2_b0 buyer_ic_lower_2_0 0.25
 buyer_payment_s2_b0 buyer_ic_lower_3_0 0.25
 buyer_payment_s2_b0 buyer_participation_lower_0 -0.25
 buyer_payment_s2_b0 budget_s2_b0 1
 buyer_payment_s2_b1 cost 0.0625
 buyer_payment_s2_b1 buyer_ic_lower_0_1 0.25
 buyer_payment_s2_b1 buyer_ic_lower_1_0 -0.25
 buyer_payment_s2_b1 buyer_ic_lower_1_2 -0.25
 buyer_payment_s2_b1 buyer_ic_lower_1_3 -0.25
 buyer_payment_s2_b1 buyer_ic_lower_2_1 0.25
 buyer_payment_s2_b1 buyer_ic_lower_3_1 0.25
 buyer_payment_s2_b1 buyer_participation_lower_1 -0.25
 buyer_payment_s2_b1 budget_s2_b1 1
 buyer_payment_s2_b2 cost 0.0625
 buyer_payment_s2_b2 buyer_ic_lower_0_2 0.25
 buyer_payment_s2_b2 buyer_ic_lower_1_2 0.25
 buyer_payment_s2_b2 buyer_ic_lower_2_0 -0.25
 buyer_payment_s2_b2 buyer_ic_lower_2_1 -0.25
 buyer_payment_s2_b2 buyer_ic_lower_2_3 -0.25
 buyer_payment_s2_b2 buyer_ic_lower_3_2 0.25
 buyer_payment_s2_b2 buyer_participation_lower_2 -0.25
 buyer_payment_s2_b2 budget_s2_b2 1
 buyer_payment_s2_b3 cost 0.0625
 buyer_payment_s2_b3 buyer_ic_lower_0_3 0.25
 buyer_payment_s2_b3 buyer_ic_lower_1_3 0.25
 buyer_payment_s2_b3 buyer_ic_lower_2_3 0.25
 buyer_payment_s2_b3 buyer_ic_lower_3_0 -0.25
 buyer_payment_s2_b3 buyer_ic_lower_3_1 -0.25
 buyer_payment_s2_b3 buyer_ic_lower_3_2 -0.25
 buyer_payment_s2_b3 buyer_participation_lower_3 -0.25
 buyer_payment_s2_b3 budget_s2_b3 1
 buyer_payment_s3_b0 cost 0.0625
 buyer_payment_s3_b0 buyer_ic_lower_0_1 -0.25
 buyer_payment_s3_b0 buyer_ic_lower_0_2 -0.25
 buyer_payment_s3_b0 buyer_ic_lower_0_3 -0.25
 buyer_payment_s3_b0 buyer_ic_lower_1_0 0.25
 buyer_payment_s3_b0 buyer_ic_lower_2_0 0.25
 buyer_payment_s3_b0 buyer_ic_lower_3_0 0.25
 buyer_payment_s3_b0 buyer_participation_lower_0 -0.25
 buyer_payment_s3_b0 budget_s3_b0 1
 buyer_payment_s3_b1 cost 0.0625
 buyer_payment_s3_b1 buyer_ic_lower_0_1 0.25
 buyer_payment_s3_b1 buyer_ic_lower_1_0 -0.25
 buyer_payment_s3_b1 buyer_ic_lower_1_2 -0.25
 buyer_payment_s3_b1 buyer_ic_lower_1_3 -0.25
 buyer_payment_s3_b1 buyer_ic_lower_2_1 0.25
 buyer_payment_s3_b1 buyer_ic_lower_3_1 0.25
 buyer_payment_s3_b1 buyer_participation_lower_1 -0.25
 buyer_payment_s3_b1 budget_s3_b1 1
 buyer_payment_s3_b2 cost 0.0625
 buyer_payment_s3_b2 buyer_ic_lower_0_2 0.25
 buyer_payment_s3_b2 buyer_ic_lower_1_2 0.25
 buyer_payment_s3_b2 buyer_ic_lower_2_0 -0.25
 buyer_payment_s3_b2 buyer_ic_lower_2_1 -0.25
 buyer_payment_s3_b2 buyer_ic_lower_2_3 -0.25
 buyer_payment_s3_b2 buyer_ic_lower_3_2 0.25
 buyer_payment_s3_b2 buyer_participation_lower_2 -0.25
 buyer_payment_s3_b2 budget_s3_b2 1
 buyer_payment_s3_b3 cost 0.0625
 buyer_payment_s3_b3 buyer_ic_lower_0_3 0.25
 buyer_payment_s3_b3 buyer_ic_lower_1_3 0.25
 buyer_payment_s3_b3 buyer_ic_lower_2_3 0.25
 buyer_payment_s3_b3 buyer_ic_lower_3_0 -0.25
 buyer_payment_s3_b3 buyer_ic_lower_3_1 -0.25
 buyer_payment_s3_b3 buyer_ic_lower_3_2 -0.25
 buyer_payment_s3_b3 buyer_participation_lower_3 -0.25
 buyer_payment_s3_b3 budget_s3_b3 1
RHS
BOUNDS
 UP BOUND trade_s0_b0 1
 UP BOUND trade_s0_b1 1
 UP BOUND trade_s0_b2 1
 UP BOUND trade_s0_b3 1
 UP BOUND trade_s1_b0 1
 UP BOUND trade_s1_b1 1
 UP BOUND trade_s1_b2 1
 UP BOUND trade_s1_b3 1
 UP BOUND trade_s2_b0 1
 UP BOUND trade_s2_b1 1
 UP BOUND trade_s2_b2 1
 UP BOUND trade_s2_b3 1
 UP BOUND trade_s3_b0 1
 UP BOUND trade_s3_b1 1
 UP BOUND trade_s3_b2 1
 UP BOUND trade_s3_b3 1
 FR BOUND seller_payment_s0_b0
 FR BOUND seller_payment_s0_b1
 FR BOUND seller_payment_s0_b2
 FR BOUND seller_payment_s0_b3
 FR BOUND seller_payment_s1_b0
 FR BOUND seller_payment_s1_b1
 FR BOUND seller_payment_s1_b2
 FR BOUND seller_payment_s1_b3
 FR BOUND seller_payment_s2_b0
 FR BOUND seller_payment_s2_b1
 FR BOUND seller_payment_s2_b2
 FR BOUND seller_payment_s2_b3
 FR BOUND seller_payment_s3_b0
 FR BOUND seller_payment_s3_b1
 FR BOUND seller_payment_s3_b2
 FR BOUND seller_payment_s3_b3
 FR BOUND buyer_payment_s0_b0
 FR BOUND buyer_payment_s0_b1
 FR BOUND buyer_payment_s0_b2
 FR BOUND buyer_payment_s0_b3
 FR BOUND buyer_payment_s1_b0
 FR BOUND buyer_payment_s1_b1
 FR BOUND buyer_payment_s1_b2
 FR BOUND buyer_payment_s1_b3
 FR BOUND buyer_payment_s2_b0
 FR BOUND buyer_payment_s2_b1
 FR BOUND buyer_payment_s2_b2
 FR BOUND buyer_payment_s2_b3
 FR BOUND buyer_payment_s3_b0
 FR BOUND buyer_payment_s3_b1
 FR BOUND buyer_payment_s3_b2
 FR BOUND buyer_payment_s3_b3
ENDATA
