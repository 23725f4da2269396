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
 G  seller_utility_lower_0
 G  seller_utility_lower_1
 G  seller_utility_lower_2
 G  seller_utility_lower_3
 G  buyer_utility_lower_0
 G  buyer_utility_lower_1
 G  buyer_utility_lower_2
 G  buyer_utility_lower_3
COLUMNS
 trade_s0_b0 seller_ic_lower_0_1 -0.1
 trade_s0_b0 seller_ic_lower_0_2 -0.1
 trade_s0_b0 seller_ic_lower_0_3 -0.1
 trade_s0_b0 seller_ic_lower_1_0 0.125
 trade_s0_b0 seller_ic_lower_2_0 0.125
 trade_s0_b0 seller_ic_lower_3_0 0.1
 trade_s0_b0 buyer_ic_lower_0_1 0.1
 trade_s0_b0 buyer_ic_lower_0_2 0.1
 trade_s0_b0 buyer_ic_lower_0_3 0.1
 trade_s0_b0 buyer_ic_lower_1_0 -0.125
 trade_s0_b0 buyer_ic_lower_2_0 -0.125
 trade_s0_b0 buyer_ic_lower_3_0 -0.1
 trade_s0_b0 seller_utility_lower_0 -0.1
 trade_s0_b0 buyer_utility_lower_0 0.1
 trade_s0_b1 cost -0.017045454545454544
 trade_s0_b1 seller_ic_lower_0_1 -0.075
 trade_s0_b1 seller_ic_lower_0_2 -0.075
 trade_s0_b1 seller_ic_lower_0_3 -0.075
 trade_s0_b1 seller_ic_lower_1_0 0.16666666666666669
 trade_s0_b1 seller_ic_lower_2_0 0.1875
 trade_s0_b1 seller_ic_lower_3_0 0.2
 trade_s0_b1 buyer_ic_lower_0_1 -0.1
 trade_s0_b1 buyer_ic_lower_1_0 0.125
 trade_s0_b1 buyer_ic_lower_1_2 0.125
 trade_s0_b1 buyer_ic_lower_1_3 0.125
 trade_s0_b1 buyer_ic_lower_2_1 -0.125
 trade_s0_b1 buyer_ic_lower_3_1 -0.1
 trade_s0_b1 seller_utility_lower_0 -0.075
 trade_s0_b1 buyer_utility_lower_1 0.125
 trade_s0_b2 cost -0.022727272727272728
 trade_s0_b2 seller_ic_lower_0_1 -0.05
 trade_s0_b2 seller_ic_lower_0_2 -0.05
 trade_s0_b2 seller_ic_lower_0_3 -0.05
 trade_s0_b2 seller_ic_lower_1_0 0.125
 trade_s0_b2 seller_ic_lower_2_0 0.25
 trade_s0_b2 seller_ic_lower_3_0 0.3
 trade_s0_b2 buyer_ic_lower_0_2 -0.1
 trade_s0_b2 buyer_ic_lower_1_2 -0.125
 trade_s0_b2 buyer_ic_lower_2_0 0.125
 trade_s0_b2 buyer_ic_lower_2_1 0.125
 trade_s0_b2 buyer_ic_lower_2_3 0.125
 trade_s0_b2 buyer_ic_lower_3_2 -0.1
 trade_s0_b2 seller_utility_lower_0 -0.05
 trade_s0_b2 buyer_utility_lower_2 0.125
 trade_s0_b3 cost -0.017045454545454544
 trade_s0_b3 seller_ic_lower_0_1 -0.025
 trade_s0_b3 seller_ic_lower_0_2 -0.025
 trade_s0_b3 seller_ic_lower_0_3 -0.025
 trade_s0_b3 seller_ic_lower_1_0 0.08333333333333334
 trade_s0_b3 seller_ic_lower_2_0 0.1875
 trade_s0_b3 seller_ic_lower_3_0 0.4
 trade_s0_b3 buyer_ic_lower_0_3 -0.1
 trade_s0_b3 buyer_ic_lower_1_3 -0.125
 trade_s0_b3 buyer_ic_lower_2_3 -0.125
 trade_s0_b3 buyer_ic_lower_3_0 0.1
 trade_s0_b3 buyer_ic_lower_3_1 0.1
 trade_s0_b3 buyer_ic_lower_3_2 0.1
 trade_s0_b3 seller_utility_lower_0 -0.025
 trade_s0_b3 buyer_utility_lower_3 0.1
 trade_s1_b0 cost 0.017045454545454544
 trade_s1_b0 seller_ic_lower_0_1 0.1
 trade_s1_b0 seller_ic_lower_1_0 -0.125
 trade_s1_b0 seller_ic_lower_1_2 -0.125
 trade_s1_b0 seller_ic_lower_1_3 -0.125
 trade_s1_b0 seller_ic_lower_2_1 0.125
 trade_s1_b0 seller_ic_lower_3_1 0.1
 trade_s1_b0 buyer_ic_lower_0_1 0.075
 trade_s1_b0 buyer_ic_lower_0_2 0.075
 trade_s1_b0 buyer_ic_lower_0_3 0.075
 trade_s1_b0 buyer_ic_lower_1_0 -0.16666666666666669
 trade_s1_b0 buyer_ic_lower_2_0 -0.1875
 trade_s1_b0 buyer_ic_lower_3_0 -0.2
 trade_s1_b0 seller_utility_lower_1 -0.125
 trade_s1_b0 buyer_utility_lower_0 0.075
 trade_s1_b1 seller_ic_lower_0_1 0.075
 trade_s1_b1 seller_ic_lower_1_0 -0.16666666666666669
 trade_s1_b1 seller_ic_lower_1_2 -0.16666666666666669
 trade_s1_b1 seller_ic_lower_1_3 -0.16666666666666669
 trade_s1_b1 seller_ic_lower_2_1 0.1875
 trade_s1_b1 seller_ic_lower_3_1 0.2
 trade_s1_b1 buyer_ic_lower_0_1 -0.075
 trade_s1_b1 buyer_ic_lower_1_0 0.16666666666666669
 trade_s1_b1 buyer_ic_lower_1_2 0.16666666666666669
 trade_s1_b1 buyer_ic_lower_1_3 0.16666666666666669
 trade_s1_b1 buyer_ic_lower_2_1 -0.1875
 trade_s1_b1 buyer_ic_lower_3_1 -0.2
 trade_s1_b1 seller_utility_lower_1 -0.16666666666666669
 trade_s1_b1 buyer_utility_lower_1 0.16666666666666669
 trade_s1_b2 cost -0.017045454545454544
 trade_s1_b2 seller_ic_lower_0_1 0.05
 trade_s1_b2 seller_ic_lower_1_0 -0.125
 trade_s1_b2 seller_ic_lower_1_2 -0.125
 trade_s1_b2 seller_ic_lower_1_3 -0.125
 trade_s1_b2 seller_ic_lower_2_1 0.25
 trade_s1_b2 seller_ic_lower_3_1 0.3
 trade_s1_b2 buyer_ic_lower_0_2 -0.075
 trade_s1_b2 buyer_ic_lower_1_2 -0.16666666666666669
 trade_s1_b2 buyer_ic_lower_2_0 0.1875
 trade_s1_b2 buyer_ic_lower_2_1 0.1875
 trade_s1_b2 buyer_ic_lower_2_3 0.1875
 trade_s1_b2 buyer_ic_lower_3_2 -0.2
 trade_s1_b2 seller_utility_lower_1 -0.125
 trade_s1_b2 buyer_utility_lower_2 0.1875
 trade_s1_b3 cost -0.022727272727272728
 trade_s1_b3 seller_ic_lower_0_1 0.025
 trade_s1_b3 seller_ic_lower_1_0 -0.08333333333333334
 trade_s1_b3 seller_ic_lower_1_2 -0.08333333333333334
 trade_s1_b3 seller_ic_lower_1_3 -0.08333333333333334
 trade_s1_b3 seller_ic_lower_2_1 0.1875
 trade_s1_b3 seller_ic_lower_3_1 0.4
 trade_s1_b3 buyer_ic_lower_0_3 -0.075
 trade_s1_b3 buyer_ic_lower_1_3 -0.16666666666666669
 trade_s1_b3 buyer_ic_lower_2_3 -0.1875
 trade_s1_b3 buyer_ic_lower_3_0 0.2
 trade_s1_b3 buyer_ic_lower_3_1 0.2
 trade_s1_b3 buyer_ic_lower_3_2 0.2
 trade_s1_b3 seller_utility_lower_1 -0.08333333333333334
 trade_s1_b3 buyer_utility_lower_3 0.2
 trade_s2_b0 cost 0.022727272727272728
 trade_s2_b0 seller_ic_lower_0_2 0.1
 trade_s2_b0 seller_ic_lower_1_2 0.125
 trade_s2_b0 seller_ic_lower_2_0 -0.125
 trade_s2_b0 seller_ic_lower_2_1 -0.125
 trade_s2_b0 seller_ic_lower_2_3 -0.125
 trade_s2_b0 seller_ic_lower_3_2 0.1
 trade_s2_b0 buyer_ic_lower_0_1 0.05
 trade_s2_b0 buyer_ic_lower_0_2 0.05
 trade_s2_b0 buyer_ic_lower_0_3 0.05
 trade_s2_b0 buyer_ic_lower_1_0 -0.125
 trade_s2_b0 buyer_ic_lower_2_0 -0.25
 trade_s2_b0 buyer_ic_lower_3_0 -0.3
 trade_s2_b0 seller_utility_lower_2 -0.125
 trade_s2_b0 buyer_utility_lower_0 0.05
 trade_s2_b1 cost 0.017045454545454544
 trade_s2_b1 seller_ic_lower_0_2 0.075
 trade_s2_b1 seller_ic_lower_1_2 0.16666666666666669
 trade_s2_b1 seller_ic_lower_2_0 -0.1875
 trade_s2_b1 seller_ic_lower_2_1 -0.1875
 trade_s2_b1 seller_ic_lower_2_3 -0.1875
 trade_s2_b1 seller_ic_lower_3_2 0.2
 trade_s2_b1 buyer_ic_lower_0_1 -0.05
 trade_s2_b1 buyer_ic_lower_1_0 0.125
 trade_s2_b1 buyer_ic_lower_1_2 0.125
 trade_s2_b1 buyer_ic_lower_1_3 0.125
 trade_s2_b1 buyer_ic_lower_2_1 -0.25
 trade_s2_b1 buyer_ic_lower_3_1 -0.3
 trade_s2_b1 seller_utility_lower_2 -0.1875
 trade_s2_b1 buyer_utility_lower_1 0.125
 trade_s2_b2 seller_ic_lower_0_2 0.05
 trade_s2_b2 seller_ic_lower_1_2 0.125
 trade_s2_b2 seller_ic_lower_2_0 -0.25
 trade_s2_b2 seller_ic_lower_2_1 -0.25
 trade_s2_b2 seller_ic_lower_2_3 -0.25
 trade_s2_b2 seller_ic_lower_3_2 0.3
 trade_s2_b2 buyer_ic_lower_0_2 -0.05
 trade_s2_b2 buyer_ic_lower_1_2 -0.125
 trade_s2_b2 buyer_ic_lower_2_0 0.25
 trade_s2_b2 buyer_ic_lower_2_1 0.25
 trade_s2_b2 buyer_ic_lower_2_3 0.25
 trade_s2_b2 buyer_ic_lower_3_2 -0.3
 trade_s2_b2 seller_utility_lower_2 -0.25
 trade_s2_b2 buyer_utility_lower_2 0.25
 trade_s2_b3 cost -0.017045454545454544
 trade_s2_b3 seller_ic_lower_0_2 0.025
 trade_s2_b3 seller_ic_lower_1_2 0.08333333333333334
 trade_s2_b3 seller_ic_lower_2_0 -0.1875
 trade_s2_b3 seller_ic_lower_2_1 -0.1875
 trade_s2_b3 seller_ic_lower_2_3 -0.1875
 trade_s2_b3 seller_ic_lower_3_2 0.4
 trade_s2_b3 buyer_ic_lower_0_3 -0.05
 trade_s2_b3 buyer_ic_lower_1_3 -0.125
 trade_s2_b3 buyer_ic_lower_2_3 -0.25
 trade_s2_b3 buyer_ic_lower_3_0 0.3
 trade_s2_b3 buyer_ic_lower_3_1 0.3
 trade_s2_b3 buyer_ic_lower_3_2 0.3
 trade_s2_b3 seller_utility_lower_2 -0.1875
 trade_s2_b3 buyer_utility_lower_3 0.3
 trade_s3_b0 cost 0.017045454545454544
 trade_s3_b0 seller_ic_lower_0_3 0.1
 trade_s3_b0 seller_ic_lower_1_3 0.125
 trade_s3_b0 seller_ic_lower_2_3 0.125
 trade_s3_b0 seller_ic_lower_3_0 -0.1
 trade_s3_b0 seller_ic_lower_3_1 -0.1
 trade_s3_b0 seller_ic_lower_3_2 -0.1
 trade_s3_b0 buyer_ic_lower_0_1 0.025
 trade_s3_b0 buyer_ic_lower_0_2 0.025
 trade_s3_b0 buyer_ic_lower_0_3 0.025
 trade_s3_b0 buyer_ic_lower_1_0 -0.08333333333333334
 trade_s3_b0 buyer_ic_lower_2_0 -0.1875
 trade_s3_b0 buyer_ic_lower_3_0 -0.4
 trade_s3_b0 seller_utility_lower_3 -0.1
 trade_s3_b0 buyer_utility_lower_0 0.025
 trade_s3_b1 cost 0.022727272727272728
 trade_s3_b1 seller_ic_lower_0_3 0.075
 trade_s3_b1 seller_ic_lower_1_3 0.16666666666666669
 trade_s3_b1 seller_ic_lower_2_3 0.1875
 trade_s3_b1 seller_ic_lower_3_0 -0.2
 trade_s3_b1 seller_ic_lower_3_1 -0.2
 trade_s3_b1 seller_ic_lower_3_2 -0.2
 trade_s3_b1 buyer_ic_lower_0_1 -0.025
 trade_s3_b1 buyer_ic_lower_1_0 0.08333333333333334
 trade_s3_b1 buyer_ic_lower_1_2 0.08333333333333334
 trade_s3_b1 buyer_ic_lower_1_3 0.08333333333333334
 trade_s3_b1 buyer_ic_lower_2_1 -0.1875
 trade_s3_b1 buyer_ic_lower_3_1 -0.4
 trade_s3_b1 seller_utility_lower_3 -0.2
 trade_s3_b1 buyer_utility_lower_1 0.08333333333333334
 trade_s3_b2 cost 0.017045454545454544
 trade_s3_b2 seller_ic_lower_0_3 0.05
 trade_s3_b2 seller_ic_lower_1_3 0.125
 trade_s3_b2 seller_ic_lower_2_3 0.25
 trade_s3_b2 seller_ic_lower_3_0 -0.3
 trade_s3_b2 seller_ic_lower_3_1 -0.3
 trade_s3_b2 seller_ic_lower_3_2 -0.3
 trade_s3_b2 buyer_ic_lower_0_2 -0.025
 trade_s3_b2 buyer_ic_lower_1_2 -0.08333333333333334
 trade_s3_b2 buyer_ic_lower_2_0 0.1875
 trade_s3_b2 buyer_ic_lower_2_1 0.1875
 trade_s3_b2 buyer_ic_lower_2_3 0.1875
 trade_s3_b2 buyer_ic_lower_3_2 -0.4
 trade_s3_b2 seller_utility_lower_3 -0.3
 trade_s3_b2 buyer_utility_lower_2 0.1875
 trade_s3_b3 seller_ic_lower_0_3 0.025
 trade_s3_b3 seller_ic_lower_1_3 0.08333333333333334
 trade_s3_b3 seller_ic_lower_2_3 0.1875
 trade_s3_b3 seller_ic_lower_3_0 -0.4
 trade_s3_b3 seller_ic_lower_3_1 -0.4
 trade_s3_b3 seller_ic_lower_3_2 -0.4
 trade_s3_b3 buyer_ic_lower_0_3 -0.025
 trade_s3_b3 buyer_ic_lower_1_3 -0.08333333333333334
 trade_s3_b3 buyer_ic_lower_2_3 -0.1875
 trade_s3_b3 buyer_ic_lower_3_0 0.4
 trade_s3_b3 buyer_ic_lower_3_1 0.4
 trade_s3_b3 buyer_ic_lower_3_2 0.4
 trade_s3_b3 seller_utility_lower_3 -0.4
 trade_s3_b3 buyer_utility_lower_3 0.4
 seller_payment_s0_b0 cost 0.09090909090909091
 seller_payment_s0_b0 seller_ic_lower_0_1 -0.4
 seller_payment_s0_b0 seller_ic_lower_0_2 -0.4
 seller_payment_s0_b0 seller_ic_lower_0_3 -0.4
 seller_payment_s0_b0 seller_ic_lower_1_0 0.25
 seller_payment_s0_b0 seller_ic_lower_2_0 0.16666666666666669
 seller_payment_s0_b0 seller_ic_lower_3_0 0.1
 seller_payment_s0_b0 budget_s0_b0 1
 seller_payment_s0_b0 seller_utility_lower_0 -0.4
 seller_payment_s0_b1 cost 0.06818181818181818
 seller_payment_s0_b1 seller_ic_lower_0_1 -0.3
 seller_payment_s0_b1 seller_ic_lower_0_2 -0.3
 seller_payment_s0_b1 seller_ic_lower_0_3 -0.3
 seller_payment_s0_b1 seller_ic_lower_1_0 0.33333333333333337
 seller_payment_s0_b1 seller_ic_lower_2_0 0.25
 seller_payment_s0_b1 seller_ic_lower_3_0 0.2
 seller_payment_s0_b1 budget_s0_b1 1
 seller_payment_s0_b1 seller_utility_lower_0 -0.3
 seller_payment_s0_b2 cost 0.045454545454545456
 seller_payment_s0_b2 seller_ic_lower_0_1 -0.2
 seller_payment_s0_b2 seller_ic_lower_0_2 -0.2
 seller_payment_s0_b2 seller_ic_lower_0_3 -0.2
 seller_payment_s0_b2 seller_ic_lower_1_0 0.25
 seller_payment_s0_b2 seller_ic_lower_2_0 0.33333333333333337
 seller_payment_s0_b2 seller_ic_lower_3_0 0.3
 seller_payment_s0_b2 budget_s0_b2 1
 seller_payment_s0_b2 seller_utility_lower_0 -0.2
 seller_payment_s0_b3 cost 0.022727272727272728
 seller_payment_s0_b3 seller_ic_lower_0_1 -0.1
 seller_payment_s0_b3 seller_ic_lower_0_2 -0.1
 seller_payment_s0_b3 seller_ic_lower_0_3 -0.1
 seller_payment_s0_b3 seller_ic_lower_1_0 0.16666666666666669
 seller_payment_s0_b3 seller_ic_lower_2_0 0.25
 seller_payment_s0_b3 seller_ic_lower_3_0 0.4
 seller_payment_s0_b3 budget_s0_b3 1
 seller_payment_s0_b3 seller_utility_lower_0 -0.1
 seller_payment_s1_b0 cost 0.06818181818181818
 seller_payment_s1_b0 seller_ic_lower_0_1 0.4
 seller_payment_s1_b0 seller_ic_lower_1_0 -0.25
 seller_payment_s1_b0 seller_ic_lower_1_2 -0.25
 seller_payment_s1_b0 seller_ic_lower_1_3 -0.25
 seller_payment_s1_b0 seller_ic_lower_2_1 0.16666666666666669
 seller_payment_s1_b0 seller_ic_lower_3_1 0.1
 seller_payment_s1_b0 budget_s1_b0 1
 seller_payment_s1_b0 seller_utility_lower_1 -0.25
 seller_payment_s1_b1 cost 0.09090909090909091
 seller_payment_s1_b1 seller_ic_lower_0_1 0.3
 seller_payment_s1_b1 seller_ic_lower_1_0 -0.33333333333333337
 seller_payment_s1_b1 seller_ic_lower_1_2 -0.33333333333333337
 seller_payment_s1_b1 seller_ic_lower_1_3 -0.33333333333333337
 seller_payment_s1_b1 seller_ic_lower_2_1 0.25
 seller_payment_s1_b1 seller_ic_lower_3_1 0.2
 seller_payment_s1_b1 budget_s1_b1 1
 seller_payment_s1_b1 seller_utility_lower_1 -0.33333333333333337
 seller_payment_s1_b2 cost 0.06818181818181818
 seller_payment_s1_b2 seller_ic_lower_0_1 0.2
 seller_payment_s1_b2 seller_ic_lower_1_0 -0.25
 seller_payment_s1_b2 seller_ic_lower_1_2 -0.25
 seller_payment_s1_b2 seller_ic_lower_1_3 -0.25
 seller_payment_s1_b2 seller_ic_lower_2_1 0.33333333333333337
 seller_payment_s1_b2 seller_ic_lower_3_1 0.3
 seller_payment_s1_b2 budget_s1_b2 1
 seller_payment_s1_b2 seller_utility_lower_1 -0.25
 seller_payment_s1_b3 cost 0.045454545454545456
 seller_payment_s1_b3 seller_ic_lower_0_1 0.1
 seller_payment_s1_b3 seller_ic_lower_1_0 -0.16666666666666669
 seller_payment_s1_b3 seller_ic_lower_1_2 -0.16666666666666669
 seller_payment_s1_b3 seller_ic_lower_1_3 -0.16666666666666669
 seller_payment_s1_b3 seller_ic_lower_2_1 0.25
 seller_payment_s1_b3 seller_ic_lower_3_1 0.4
 seller_payment_s1_b3 budget_s1_b3 1
 seller_payment_s1_b3 seller_utility_lower_1 -0.16666666666666669
 seller_payment_s2_b0 cost 0.045454545454545456
 seller_payment_s2_b0 seller_ic_lower_0_2 0.4
 seller_payment_s2_b0 seller_ic_lower_1_2 0.25
 seller_payment_s2_b0 seller_ic_lower_2_0 -0.16666666666666669
 seller_payment_s2_b0 seller_ic_lower_2_1 -0.16666666666666669
 seller_payment_s2_b0 seller_ic_lower_2_3 -0.16666666666666669
 seller_payment_s2_b0 seller_ic_lower_3_2 0.1
 seller_payment_s2_b0 budget_s2_b0 1
 seller_payment_s2_b0 seller_utility_lower_2 -0.16666666666666669
 seller_payment_s2_b1 cost 0.06818181818181818
 seller_payment_s2_b1 seller_ic_lower_0_2 0.3
 seller_payment_s2_b1 seller_ic_lower_1_2 0.33333333333333337
 seller_payment_s2_b1 seller_ic_lower_2_0 -0.25
 seller_payment_s2_b1 seller_ic_lower_2_1 -0.25
 seller_payment_s2_b1 seller_ic_lower_2_3 -0.25
 seller_payment_s2_b1 seller_ic_lower_3_2 0.2
 seller_payment_s2_b1 budget_s2_b1 1
 seller_payment_s2_b1 seller_utility_lower_2 -0.25
 seller_payment_s2_b2 cost 0.09090909090909091
 seller_payment_s2_b2 seller_ic_lower_0_2 0.2
 seller_payment_s2_b2 seller_ic_lower_1_2 0.25
 seller_payment_s2_b2 seller_ic_lower_2_0 -0.33333333333333337
 seller_payment_s2_b2 seller_ic_lower_2_1 -0.33333333333333337
 seller_payment_s2_b2 seller_ic_lower_2_3 -0.33333333333333337
 seller_payment_s2_b2 seller_ic_lower_3_2 0.3
 seller_payment_s2_b2 budget_s2_b2 1
 seller_payment_s2_b2 seller_utility_lower_2 -0.33333333333333337
 seller_payment_s2_b3 cost 0.06818181818181818
 seller_payment_s2_b3 seller_ic_lower_0_2 0.1
 seller_payment_s2_b3 seller_ic_lower_1_2 0.16666666666666669
 seller_payment_s2_b3 seller_ic_lower_2_0 -0.25
 seller_payment_s2_b3 seller_ic_lower_2_1 -0.25
 seller_payment_s2_b3 seller_ic_lower_2_3 -0.25
 seller_payment_s2_b3 seller_ic_lower_3_2 0.4
 seller_payment_s2_b3 budget_s2_b3 1
 seller_payment_s2_b3 seller_utility_lower_2 -0.25
 seller_payment_s3_b0 cost 0.022727272727272728
 seller_payment_s3_b0 seller_ic_lower_0_3 0.4
 seller_payment_s3_b0 seller_ic_lower_1_3 0.25
 seller_payment_s3_b0 seller_ic_lower_2_3 0.16666666666666669
 seller_payment_s3_b0 seller_ic_lower_3_0 -0.1
 seller_payment_s3_b0 seller_ic_lower_3_1 -0.1
 seller_payment_s3_b0 seller_ic_lower_3_2 -0.1
 seller_payment_s3_b0 budget_s3_b0 1
 seller_payment_s3_b0 seller_utility_lower_3 -0.1
 seller_payment_s3_b1 cost 0.045454545454545456
 seller_payment_s3_b1 seller_ic_lower_0_3 0.3
 seller_payment_s3_b1 seller_ic_lower_1_3 0.33333333333333337
 seller_payment_s3_b1 seller_ic_lower_2_3 0.25
 seller_payment_s3_b1 seller_ic_lower_3_0 -0.2
 seller_payment_s3_b1 seller_ic_lower_3_1 -0.2
 seller_payment_s3_b1 seller_ic_lower_3_2 -0.2
 seller_payment_s3_b1 budget_s3_b1 1
 seller_payment_s3_b1 seller_utility_lower_3 -0.2
 seller_payment_s3_b2 cost 0.06818181818181818
 seller_payment_s3_b2 seller_ic_lower_0_3 0.2
 seller_payment_s3_b2 seller_ic_lower_1_3 0.25
 seller_payment_s3_b2 seller_ic_lower_2_3 0.33333333333333337
 seller_payment_s3_b2 seller_ic_lower_3_0 -0.3
 seller_payment_s3_b2 seller_ic_lower_3_1 -0.3
 seller_payment_s3_b2 seller_ic_lower_3_2 -0.3
 seller_payment_s3_b2 budget_s3_b2 1
 seller_payment_s3_b2 seller_utility_lower_3 -0.3
 seller_payment_s3_b3 cost 0.09090909090909091
 seller_payment_s3_b3 seller_ic_lower_0_3 0.1
 seller_payment_s3_b3 seller_ic_lower_1_3 0.16666666666666669
 seller_payment_s3_b3 seller_ic_lower_2_3 0.25
 seller_payment_s3_b3 seller_ic_lower_3_0 -0.4
 seller_payment_s3_b3 seller_ic_lower_3_1 -0.4
 seller_payment_s3_b3 seller_ic_lower_3_2 -0.4
 seller_payment_s3_b3 budget_s3_b3 1
 seller_payment_s3_b3 seller_utility_lower_3 -0.4
 buyer_payment_s0_b0 cost 0.09090909090909091
 buyer_payment_s0_b0 buyer_ic_lower_0_1 -0.4
 buyer_payment_s0_b0 buyer_ic_lower_0_2 -0.4
 buyer_payment_s0_b0 buyer_ic_lower_0_3 -0.4
 buyer_payment_s0_b0 buyer_ic_lower_1_0 0.25
 buyer_payment_s0_b0 buyer_ic_lower_2_0 0.16666666666666669
 buyer_payment_s0_b0 buyer_ic_lower_3_0 0.1
 buyer_payment_s0_b0 budget_s0_b0 1
 buyer_payment_s0_b0 buyer_utility_lower_0 -0.4
 buyer_payment_s0_b1 cost 0.06818181818181818
 buyer_payment_s0_b1 buyer_ic_lower_0_1 0.4
 buyer_payment_s0_b1 buyer_ic_lower_1_0 -0.25
 buyer_payment_s0_b1 buyer_ic_lower_1_2 -0.25
 buyer_payment_s0_b1 buyer_ic_lower_1_3 -0.25
 buyer_payment_s0_b1 buyer_ic_lower_2_1 0.16666666666666669
 buyer_payment_s0_b1 buyer_ic_lower_3_1 0.1
 buyer_payment_s0_b1 budget_s0_b1 1
 buyer_payment_s0_b1 buyer_utility_lower_1 -0.25
 buyer_payment_s0_b2 cost 0.045454545454545456
 buyer_payment_s0_b2 buyer_ic_lower_0_2 0.4
 buyer_payment_s0_b2 buyer_ic_lower_1_2 0.25
 buyer_payment_s0_b2 buyer_ic_lower_2_0 -0.16666666666666669
 buyer_payment_s0_b2 buyer_ic_lower_2_1 -0.16666666666666669
 buyer_payment_s0_b2 buyer_ic_lower_2_3 -0.16666666666666669
 buyer_payment_s0_b2 buyer_ic_lower_3_2 0.1
 buyer_payment_s0_b2 budget_s0_b2 1
 buyer_payment_s0_b2 buyer_utility_lower_2 -0.16666666666666669
 buyer_payment_s0_b3 cost 0.022727272727272728
 buyer_payment_s0_b3 buyer_ic_lower_0_3 0.4
 buyer_payment_s0_b3 buyer_ic_lower_1_3 0.25
 buyer_payment_s0_b3 buyer_ic_lower_2_3 0.16666666666666669
 buyer_payment_s0_b3 buyer_ic_lower_3_0 -0.1
 buyer_payment_s0_b3 buyer_ic_lower_3_1 -0.1
 buyer_payment_s0_b3 buyer_ic_lower_3_2 -0.1
 buyer_payment_s0_b3 budget_s0_b3 1
 buyer_payment_s0_b3 buyer_utility_lower_3 -0.1
 buyer_payment_s1_b0 cost 0.06818181818181818
 buyer_payment_s1_b0 buyer_ic_lower_0_1 -0.3
 buyer_payment_s1_b0 buyer_ic_lower_0_2 -0.3
 buyer_payment_s1_b0 buyer_ic_lower_0_3 -0.3
 buyer_payment_s1_b0 buyer_ic_lower_1_0 0.33333333333333337
 buyer_payment_s1_b0 buyer_ic_lower_2_0 0.25
 buyer_payment_s1_b0 buyer_ic_lower_3_0 0.2
 buyer_payment_s1_b0 budget_s1_b0 1
 buyer_payment_s1_b0 buyer_utility_lower_0 -0.3
 buyer_payment_s1_b1 cost 0.09090909090909091
 buyer_payment_s1_b1 buyer_ic_lower_0_1 0.3
 buyer_payment_s1_b1 buyer_ic_lower_1_0 -0.33333333333333337
 buyer_payment_s1_b1 buyer_ic_lower_1_2 -0.33333333333333337
 buyer_payment_s1_b1 buyer_ic_lower_1_3 -0.33333333333333337
 buyer_payment_s1_b1 buyer_ic_lower_2_1 0.25
 buyer_payment_s1_b1 buyer_ic_lower_3_1 0.2
 buyer_payment_s1_b1 budget_s1_b1 1
 buyer_payment_s1_b1 buyer_utility_lower_1 -0.33333333333333337
 buyer_payment_s1_b2 cost 0.06818181818181818
 buyer_payment_s1_b2 buyer_ic_lower_0_2 0.3
 buyer_payment_s1_b2 buyer_ic_lower_1_2 0.33333333333333337
 buyer_payment_s1_b2 buyer_ic_lower_2_0 -0.25
 buyer_payment_s1_b2 buyer_ic_lower_2_1 -0.25
 buyer_payment_s1_b2 buyer_ic_lower_2_3 -0.25
 buyer_payment_s1_b2 buyer_ic_lower_3_2 0.2
 buyer_payment_s1_b2 budget_s1_b2 1
 buyer_payment_s1_b2 buyer_utility_lower_2 -0.25
 buyer_payment_s1_b3 cost 0.045454545454545456
 buyer_payment_s1_b3 buyer_ic_lower_0_3 0.3
 buyer_payment_s1_b3 buyer_ic_lower_1_3 0.33333333333333337
 buyer_payment_s1_b3 buyer_ic_lower_2_3 0.25
 buyer_payment_s1_b3 buyer_ic_lower_3_0 -0.2
 buyer_payment_s1_b3 buyer_ic_lower_3_1 -0.2
 buyer_payment_s1_b3 buyer_ic_lower_3_2 -0.2
 buyer_payment_s1_b3 budget_s1_b3 1
 buyer_payment_s1_b3 buyer_utility_lower_3 -0.2
 buyer_payment_s2_b0 cost 0.045454545454545456
 buyer_payment_s2_b0 buyer_ic_lower_0_1 -0.2
 buyer_payment_s2_b0 buyer_ic_lower_0_2 -0.2
 buyer_payment_s2_b0 buyer_ic_lower_0_3 -0.2
 buyer_payment_s2_b0 buyer_ic_lower_1_0 0.25
 buyer_payment_s2_b0 buyer_ic_lower_2_0 0.33333333333333337
 buyer_payment_s2_b0 buyer_ic_lower_3_0 0.3
 buyer_payment_s2_b0 budget_s2_b0 1
 buyer_payment_s2_b0 buyer_utility_lower_0 -0.2
 buyer_payment_s2_b1 cost 0.06818181818181818
 buyer_payment_s2_b1 buyer_ic_lower_0_1 0.2
 buyer_payment_s2_b1 buyer_ic_lower_1_0 -0.25
 buyer_payment_s2_b1 buyer_ic_lower_1_2 -0.25
 buyer_payment_s2_b1 buyer_ic_lower_1_3 -0.25
 buyer_payment_s2_b1 buyer_ic_lower_2_1 0.33333333333333337
 buyer_payment_s2_b1 buyer_ic_lower_3_1 0.3
 buyer_payment_s2_b1 budget_s2_b1 1
 buyer_payment_s2_b1 buyer_utility_lower_1 -0.25
 buyer_payment_s2_b2 cost 0.09090909090909091
 buyer_payment_s2_b2 buyer_ic_lower_0_2 0.2
 buyer_payment_s2_b2 buyer_ic_lower_1_2 0.25
 buyer_payment_s2_b2 buyer_ic_lower_2_0 -0.33333333333333337
 buyer_payment_s2_b2 buyer_ic_lower_2_1 -0.33333333333333337
 buyer_payment_s2_b2 buyer_ic_lower_2_3 -0.33333333333333337
 buyer_payment_s2_b2 buyer_ic_lower_3_2 0.3
 buyer_payment_s2_b2 budget_s2_b2 1
 buyer_payment_s2_b2 buyer_utility_lower_2 -0.33333333333333337
 buyer_payment_s2_b3 cost 0.06818181818181818
 buyer_payment_s2_b3 buyer_ic_lower_0_3 0.2
 buyer_payment_s2_b3 buyer_ic_lower_1_3 0.25
 buyer_payment_s2_b3 buyer_ic_lower_2_3 0.33333333333333337
 buyer_payment_s2_b3 buyer_ic_lower_3_0 -0.3
 buyer_payment_s2_b3 buyer_ic_lower_3_1 -0.3
 buyer_payment_s2_b3 buyer_ic_lower_3_2 -0.3
 buyer_payment_s2_b3 budget_s2_b3 1
 buyer_payment_s2_b3 buyer_utility_lower_3 -0.3
 buyer_payment_s3_b0 cost 0.022727272727272728
 buyer_payment_s3_b0 buyer_ic_lower_0_1 -0.1
 buyer_payment_s3_b0 buyer_ic_lower_0_2 -0.1
 buyer_payment_s3_b0 buyer_ic_lower_0_3 -0.1
 buyer_payment_s3_b0 buyer_ic_lower_1_0 0.16666666666666669
 buyer_payment_s3_b0 buyer_ic_lower_2_0 0.25
 buyer_payment_s3_b0 buyer_ic_lower_3_0 0.4
 buyer_payment_s3_b0 budget_s3_b0 1
 buyer_payment_s3_b0 buyer_utility_lower_0 -0.1
 buyer_payment_s3_b1 cost 0.045454545454545456
 buyer_payment_s3_b1 buyer_ic_lower_0_1 0.1
 buyer_payment_s3_b1 buyer_ic_lower_1_0 -0.16666666666666669
 buyer_payment_s3_b1 buyer_ic_lower_1_2 -0.16666666666666669
 buyer_payment_s3_b1 buyer_ic_lower_1_3 -0.16666666666666669
 buyer_payment_s3_b1 buyer_ic_lower_2_1 0.25
 buyer_payment_s3_b1 buyer_ic_lower_3_1 0.4
 buyer_payment_s3_b1 budget_s3_b1 1
 buyer_payment_s3_b1 buyer_utility_lower_1 -0.16666666666666669
 buyer_payment_s3_b2 cost 0.06818181818181818
 buyer_payment_s3_b2 buyer_ic_lower_0_2 0.1
 buyer_payment_s3_b2 buyer_ic_lower_1_2 0.16666666666666669
 buyer_payment_s3_b2 buyer_ic_lower_2_0 -0.25
 buyer_payment_s3_b2 buyer_ic_lower_2_1 -0.25
 buyer_payment_s3_b2 buyer_ic_lower_2_3 -0.25
 buyer_payment_s3_b2 buyer_ic_lower_3_2 0.4
 buyer_payment_s3_b2 budget_s3_b2 1
 buyer_payment_s3_b2 buyer_utility_lower_2 -0.25
 buyer_payment_s3_b3 cost 0.09090909090909091
 buyer_payment_s3_b3 buyer_ic_lower_0_3 0.1
 buyer_payment_s3_b3 buyer_ic_lower_1_3 0.16666666666666669
 buyer_payment_s3_b3 buyer_ic_lower_2_3 0.25
 buyer_payment_s3_b3 buyer_ic_lower_3_0 -0.4
 buyer_payment_s3_b3 buyer_ic_lower_3_1 -0.4
 buyer_payment_s3_b3 buyer_ic_lower_3_2 -0.4
 buyer_payment_s3_b3 budget_s3_b3 1
 buyer_payment_s3_b3 buyer_utility_lower_3 -0.4
RHS
 RHS seller_utility_lower_0 0.15
 RHS buyer_utility_lower_2 0.10416666666666666
 RHS buyer_utility_lower_3 0.15
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
 LO BOUND seller_payment_s0_b0 -1
 UP BOUND seller_payment_s0_b0 1
 LO BOUND seller_payment_s0_b1 -1
 UP BOUND seller_payment_s0_b1 1
 LO BOUND seller_payment_s0_b2 -1
 UP BOUND seller_payment_s0_b2 1
 LO BOUND seller_payment_s0_b3 -1
 UP BOUND seller_payment_s0_b3 1
 LO BOUND seller_payment_s1_b0 -1
 UP BOUND seller_payment_s1_b0 1
 LO BOUND seller_payment_s1_b1 -1
 UP BOUND seller_payment_s1_b1 1
 LO BOUND seller_payment_s1_b2 -1
 UP BOUND seller_payment_s1_b2 1
 LO BOUND seller_payment_s1_b3 -1
 UP BOUND seller_payment_s1_b3 1
 LO BOUND seller_payment_s2_b0 -1
 UP BOUND seller_payment_s2_b0 1
 LO BOUND seller_payment_s2_b1 -1
 UP BOUND seller_payment_s2_b1 1
 LO BOUND seller_payment_s2_b2 -1
 UP BOUND seller_payment_s2_b2 1
 LO BOUND seller_payment_s2_b3 -1
 UP BOUND seller_payment_s2_b3 1
 LO BOUND seller_payment_s3_b0 -1
 UP BOUND seller_payment_s3_b0 1
 LO BOUND seller_payment_s3_b1 -1
 UP BOUND seller_payment_s3_b1 1
 LO BOUND seller_payment_s3_b2 -1
 UP BOUND seller_payment_s3_b2 1
 LO BOUND seller_payment_s3_b3 -1
 UP BOUND seller_payment_s3_b3 1
 LO BOUND buyer_payment_s0_b0 -1
 UP BOUND buyer_payment_s0_b0 1
 LO BOUND buyer_payment_s0_b1 -1
 UP BOUND buyer_payment_s0_b1 1
 LO BOUND buyer_payment_s0_b2 -1
 UP BOUND buyer_payment_s0_b2 1
 LO BOUND buyer_payment_s0_b3 -1
 UP BOUND buyer_payment_s0_b3 1
 LO BOUND buyer_payment_s1_b0 -1
 UP BOUND buyer_payment_s1_b0 1
 LO BOUND buyer_payment_s1_b1 -1
 UP BOUND buyer_payment_s1_b1 1
 LO BOUND buyer_payment_s1_b2 -1
 UP BOUND buyer_payment_s1_b2 1
 LO BOUND buyer_payment_s1_b3 -1
 UP BOUND buyer_payment_s1_b3 1
 LO BOUND buyer_payment_s2_b0 -1
 UP BOUND buyer_payment_s2_b0 1
 LO BOUND buyer_payment_s2_b1 -1
 UP BOUND buyer_payment_s2_b1 1
 LO BOUND buyer_payment_s2_b2 -1
 UP BOUND buyer_payment_s2_b2 1
 LO BOUND buyer_payment_s2_b3 -1
 UP BOUND buyer_payment_s2_b3 1
 LO BOUND buyer_payment_s3_b0 -1
 UP BOUND buyer_payment_s3_b0 1
 LO BOUND buyer_payment_s3_b1 -1
 UP BOUND buyer_payment_s3_b1 1
 LO BOUND buyer_payment_s3_b2 -1
 UP BOUND buyer_payment_s3_b2 1
 LO BOUND buyer_payment_s3_b3 -1
 UP BOUND buyer_payment_s3_b3 1
ENDATA
