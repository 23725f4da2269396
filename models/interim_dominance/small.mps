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
COLUMNS
 trade_s0_b0 seller_ic_lower_0_1 -0.1
 trade_s0_b0 seller_ic_lower_0_2 -0.1
 trade_s0_b0 seller_ic_lower_0_3 -0.1
 trade_s0_b0 seller_ic_lower_1_0 0.125
 trade_s0_b0 seller_ic_lower_2_0 0.125
 trade_s0_b0 seller_ic_lower_3_0 0.1
 trade_s0_b0 seller_participation_lower_0 -0.1
 trade_s0_b0 buyer_ic_lower_0_1 0.1
 trade_s0_b0 buyer_ic_lower_0_2 0.1
 trade_s0_b0 buyer_ic_lower_0_3 0.1
 trade_s0_b0 buyer_ic_lower_1_0 -0.125
 trade_s0_b0 buyer_ic_lower_2_0 -0.125
 trade_s0_b0 buyer_ic_lower_3_0 -0.1
 trade_s0_b0 buyer_participation_lower_0 0.1
 trade_s0_b1 cost -0.017045454545454544
 trade_s0_b1 seller_ic_lower_0_1 -0.075
 trade_s0_b1 seller_ic_lower_0_2 -0.075
 trade_s0_b1 seller_ic_lower_0_3 -0.075
 trade_s0_b1 seller_ic_lower_1_0 0.16666666666666669
 trade_s0_b1 seller_ic_lower_2_0 0.1875
 trade_s0_b1 seller_ic_lower_3_0 0.2
 trade_s0_b1 seller_participation_lower_0 -0.075
 trade_s0_b1 buyer_ic_lower_0_1 -0.1
 trade_s0_b1 buyer_ic_lower_1_0 0.125
 trade_s0_b1 buyer_ic_lower_1_2 0.125
 trade_s0_b1 buyer_ic_lower_1_3 0.125
 trade_s0_b1 buyer_ic_lower_2_1 -0.125
 trade_s0_b1 buyer_ic_lower_3_1 -0.1
 trade_s0_b1 buyer_participation_lower_1 0.125
 trade_s0_b2 cost -0.022727272727272724
 trade_s0_b2 seller_ic_lower_0_1 -0.05
 trade_s0_b2 seller_ic_lower_0_2 -0.05
 trade_s0_b2 seller_ic_lower_0_3 -0.05
 trade_s0_b2 seller_ic_lower_1_0 0.125
 trade_s0_b2 seller_ic_lower_2_0 0.25
 trade_s0_b2 seller_ic_lower_3_0 0.3
 trade_s0_b2 seller_participation_lower_0 -0.05
 trade_s0_b2 buyer_ic_lower_0_2 -0.1
 trade_s0_b2 buyer_ic_lower_1_2 -0.125
 trade_s0_b2 buyer_ic_lower_2_0 0.125
 trade_s0_b2 buyer_ic_lower_2_1 0.125
 trade_s0_b2 buyer_ic_lower_2_3 0.125
 trade_s0_b2 buyer_ic_lower_3_2 -0.1
 trade_s0_b2 buyer_participation_lower_2 0.125
 trade_s0_b3 cost -0.017045454545454544
 trade_s0_b3 seller_ic_lower_0_1 -0.025
 trade_s0_b3 seller_ic_lower_0_2 -0.025
 trade_s0_b3 seller_ic_lower_0_3 -0.025
 trade_s0_b3 seller_ic_lower_1_0 0.08333333333333334
 trade_s0_b3 seller_ic_lower_2_0 0.1875
 trade_s0_b3 seller_ic_lower_3_0 0.4
 trade_s0_b3 seller_participation_lower_0 -0.025
 trade_s0_b3 buyer_ic_lower_0_3 -0.1
 trade_s0_b3 buyer_ic_lower_1_3 -0.125
 trade_s0_b3 buyer_ic_lower_2_3 -0.125
 trade_s0_b3 buyer_ic_lower_3_0 0.1
 trade_s0_b3 buyer_ic_lower_3_1 0.1
 trade_s0_b3 buyer_ic_lower_3_2 0.1
 trade_s0_b3 buyer_participation_lower_3 0.1
 trade_s1_b0 cost 0.017045454545454544
 trade_s1_b0 seller_ic_lower_0_1 0.1
 trade_s1_b0 seller_ic_lower_1_0 -0.125
 trade_s1_b0 seller_ic_lower_1_2 -0.125
 trade_s1_b0 seller_ic_lower_1_3 -0.125
 trade_s1_b0 seller_ic_lower_2_1 0.125
 trade_s1_b0 seller_ic_lower_3_1 0.1
 trade_s1_b0 seller_participation_lower_1 -0.125
 trade_s1_b0 buyer_ic_lower_0_1 0.075
 trade_s1_b0 buyer_ic_lower_0_2 0.075
 trade_s1_b0 buyer_ic_lower_0_3 0.075
 trade_s1_b0 buyer_ic_lower_1_0 -0.16666666666666669
 trade_s1_b0 buyer_ic_lower_2_0 -0.1875
 trade_s1_b0 buyer_ic_lower_3_0 -0.2
 trade_s1_b0 buyer_participation_lower_0 0.075
 trade_s1_b1 seller_ic_lower_0_1 0.075
 trade_s1_b1 seller_ic_lower_1_0 -0.16666666666666669
 trade_s1_b1 seller_ic_lower_1_2 -0.16666666666666669
 trade_s1_b1 seller_ic_lower_1_3 -0.16666666666666669
 trade_s1_b1 seller_ic_lower_2_1 0.1875
 trade_s1_b1 seller_ic_lower_3_1 0.2
 trade_s1_b1 seller_participation_lower_1 -0.16666666666666669
 trade_s1_b1 buyer_ic_lower_0_1 -0.075
 trade_s1_b1 buyer_ic_lower_1_0 0.16666666666666669
 trade_s1_b1 buyer_ic_lower_1_2 0.16666666666666669
 trade_s1_b1 buyer_ic_lower_1_3 0.16666666666666669
 trade_s1_b1 buyer_ic_lower_2_1 -0.1875
 trade_s1_b1 buyer_ic_lower_3_1 -0.2
 trade_s1_b1 buyer_participation_lower_1 0.16666666666666669
 trade_s1_b2 cost -0.017045454545454544
 trade_s1_b2 seller_ic_lower_0_1 0.05
 trade_s1_b2 seller_ic_lower_1_0 -0.125
 trade_s1_b2 seller_ic_lower_1_2 -0.125
 trade_s1_b2 seller_ic_lower_1_3 -0.125
 trade_s1_b2 seller_ic_lower_2_1 0.25
 trade_s1_b2 seller_ic_lower_3_1 0.3
 trade_s1_b2 seller_participation_lower_1 -0.125
 trade_s1_b2 buyer_ic_lower_0_2 -0.075
 trade_s1_b2 buyer_ic_lower_1_2 -0.16666666666666669
 trade_s1_b2 buyer_ic_lower_2_0 0.1875
 trade_s1_b2 buyer_ic_lower_2_1 0.1875
 trade_s1_b2 buyer_ic_lower_2_3 0.1875
 trade_s1_b2 buyer_ic_lower_3_2 -0.2
 trade_s1_b2 buyer_participation_lower_2 0.1875
 trade_s1_b3 cost -0.022727272727272728
 trade_s1_b3 seller_ic_lower_0_1 0.025
 trade_s1_b3 seller_ic_lower_1_0 -0.08333333333333334
 trade_s1_b3 seller_ic_lower_1_2 -0.08333333333333334
 trade_s1_b3 seller_ic_lower_1_3 -0.08333333333333334
 trade_s1_b3 seller_ic_lower_2_1 0.1875
 trade_s1_b3 seller_ic_lower_3_1 0.4
 trade_s1_b3 seller_participation_lower_1 -0.08333333333333334
 trade_s1_b3 buyer_ic_lower_0_3 -0.075
 trade_s1_b3 buyer_ic_lower_1_3 -0.16666666666666669
 trade_s1_b3 buyer_ic_lower_2_3 -0.1875
 trade_s1_b3 buyer_ic_lower_3_0 0.2
 trade_s1_b3 buyer_ic_lower_3_1 0.2
 trade_s1_b3 buyer_ic_lower_3_2 0.2
 trade_s1_b3 buyer_participation_lower_3 0.2
 trade_s2_b0 cost 0.022727272727272724
 trade_s2_b0 seller_ic_lower_0_2 0.1
 trade_s2_b0 seller_ic_lower_1_2 0.125
 trade_s2_b0 seller_ic_lower_2_0 -0.125
 trade_s2_b0 seller_ic_lower_2_1 -0.125
 trade_s2_b0 seller_ic_lower_2_3 -0.125
 trade_s2_b0 seller_ic_lower_3_2 0.1
 trade_s2_b0 seller_participation_lower_2 -0.125
 trade_s2_b0 buyer_ic_lower_0_1 0.05
 trade_s2_b0 buyer_ic_lower_0_2 0.05
 trade_s2_b0 buyer_ic_lower_0_3 0.05
 trade_s2_b0 buyer_ic_lower_1_0 -0.125
 trade_s2_b0 buyer_ic_lower_2_0 -0.25
 trade_s2_b0 buyer_ic_lower_3_0 -0.3
 trade_s2_b0 buyer_participation_lower_0 0.05
 trade_s2_b1 cost 0.017045454545454544
 trade_s2_b1 seller_ic_lower_0_2 0.075
 trade_s2_b1 seller_ic_lower_1_2 0.16666666666666669
 trade_s2_b1 seller_ic_lower_2_0 -0.1875
 trade_s2_b1 seller_ic_lower_2_1 -0.1875
 trade_s2_b1 seller_ic_lower_2_3 -0.1875
 trade_s2_b1 seller_ic_lower_3_2 0.2
 trade_s2_b1 seller_participation_lower_2 -0.1875
 trade_s2_b1 buyer_ic_lower_0_1 -0.05
 trade_s2_b1 buyer_ic_lower_1_0 0.125
 trade_s2_b1 buyer_ic_lower_1_2 0.125
 trade_s2_b1 buyer_ic_lower_1_3 0.125
 trade_s2_b1 buyer_ic_lower_2_1 -0.25
 trade_s2_b1 buyer_ic_lower_3_1 -0.3
 trade_s2_b1 buyer_participation_lower_1 0.125
 trade_s2_b2 seller_ic_lower_0_2 0.05
 trade_s2_b2 seller_ic_lower_1_2 0.125
 trade_s2_b2 seller_ic_lower_2_0 -0.25
 trade_s2_b2 seller_ic_lower_2_1 -0.25
 trade_s2_b2 seller_ic_lower_2_3 -0.25
 trade_s2_b2 seller_ic_lower_3_2 0.3
 trade_s2_b2 seller_participation_lower_2 -0.25
 trade_s2_b2 buyer_ic_lower_0_2 -0.05
 trade_s2_b2 buyer_ic_lower_1_2 -0.125
 trade_s2_b2 buyer_ic_lower_2_0 0.25
 trade_s2_b2 buyer_ic_lower_2_1 0.25
 trade_s2_b2 buyer_ic_lower_2_3 0.25
 trade_s2_b2 buyer_ic_lower_3_2 -0.3
 trade_s2_b2 buyer_participation_lower_2 0.25
 trade_s2_b3 cost -0.017045454545454544
 trade_s2_b3 seller_ic_lower_0_2 0.025
 trade_s2_b3 seller_ic_lower_1_2 0.08333333333333334
 trade_s2_b3 seller_ic_lower_2_0 -0.1875
 trade_s2_b3 seller_ic_lower_2_1 -0.1875
 trade_s2_b3 seller_ic_lower_2_3 -0.1875
 trade_s2_b3 seller_ic_lower_3_2 0.4
 trade_s2_b3 seller_participation_lower_2 -0.1875
 trade_s2_b3 buyer_ic_lower_0_3 -0.05
 trade_s2_b3 buyer_ic_lower_1_3 -0.125
 trade_s2_b3 buyer_ic_lower_2_3 -0.25
 trade_s2_b3 buyer_ic_lower_3_0 0.3
 trade_s2_b3 buyer_ic_lower_3_1 0.3
 trade_s2_b3 buyer_ic_lower_3_2 0.3
 trade_s2_b3 buyer_participation_lower_3 0.3
 trade_s3_b0 cost 0.017045454545454544
 trade_s3_b0 seller_ic_lower_0_3 0.1
 trade_s3_b0 seller_ic_lower_1_3 0.125
 trade_s3_b0 seller_ic_lower_2_3 0.125
 trade_s3_b0 seller_ic_lower_3_0 -0.1
 trade_s3_b0 seller_ic_lower_3_1 -0.1
 trade_s3_b0 seller_ic_lower_3_2 -0.1
 trade_s3_b0 seller_participation_lower_3 -0.1
 trade_s3_b0 buyer_ic_lower_0_1 0.025
 trade_s3_b0 buyer_ic_lower_0_2 0.025
 trade_s3_b0 buyer_ic_lower_0_3 0.025
 trade_s3_b0 buyer_ic_lower_1_0 -0.08333333333333334
 trade_s3_b0 buyer_ic_lower_2_0 -0.1875
 trade_s3_b0 buyer_ic_lower_3_0 -0.4
 trade_s3_b0 buyer_participation_lower_0 0.025
 trade_s3_b1 cost 0.022727272727272728
 trade_s3_b1 seller_ic_lower_0_3 0.075
 trade_s3_b1 seller_ic_lower_1_3 0.16666666666666669
 trade_s3_b1 seller_ic_lower_2_3 0.1875
 trade_s3_b1 seller_ic_lower_3_0 -0.2
 trade_s3_b1 seller_ic_lower_3_1 -0.2
 trade_s3_b1 seller_ic_lower_3_2 -0.2
 trade_s3_b1 seller_participation_lower_3 -0.2
 trade_s3_b1 buyer_ic_lower_0_1 -0.025
 trade_s3_b1 buyer_ic_lower_1_0 0.08333333333333334
 trade_s3_b1 buyer_ic_lower_1_2 0.08333333333333334
 trade_s3_b1 buyer_ic_lower_1_3 0.08333333333333334
 trade_s3_b1 buyer_ic_lower_2_1 -0.1875
 trade_s3_b1 buyer_ic_lower_3_1 -0.4
 trade_s3_b1 buyer_participation_lower_1 0.08333333333333334
 trade_s3_b2 cost 0.017045454545454544
 trade_s3_b2 seller_ic_lower_0_3 0.05
 trade_s3_b2 seller_ic_lower_1_3 0.125
 trade_s3_b2 seller_ic_lower_2_3 0.25
 trade_s3_b2 seller_ic_lower_3_0 -0.3
 trade_s3_b2 seller_ic_lower_3_1 -0.3
 trade_s3_b2 seller_ic_lower_3_2 -0.3
 trade_s3_b2 seller_participation_lower_3 -0.3
 trade_s3_b2 buyer_ic_lower_0_2 -0.025
 trade_s3_b2 buyer_ic_lower_1_2 -0.08333333333333334
 trade_s3_b2 buyer_ic_lower_2_0 0.1875
 trade_s3_b2 buyer_ic_lower_2_1 0.1875
 trade_s3_b2 buyer_ic_lower_2_3 0.1875
 trade_s3_b2 buyer_ic_lower_3_2 -0.4
 trade_s3_b2 buyer_participation_lower_2 0.1875
 trade_s3_b3 seller_ic_lower_0_3 0.025
 trade_s3_b3 seller_ic_lower_1_3 0.08333333333333334
 trade_s3_b3 seller_ic_lower_2_3 0.1875
 trade_s3_b3 seller_ic_lower_3_0 -0.4
 trade_s3_b3 seller_ic_lower_3_1 -0.4
 trade_s3_b3 seller_ic_lower_3_2 -0.4
 trade_s3_b3 seller_participation_lower_3 -0.4
 trade_s3_b3 buyer_ic_lower_0_3 -0.025
 trade_s3_b3 buyer_ic_lower_1_3 -0.08333333333333334
 trade_s3_b3 buyer_ic_lower_2_3 -0.1875
 trade_s3_b3 buyer_ic_lower_3_0 0.4
 trade_s3_b3 buyer_ic_lower_3_1 0.4
 trade_s3_b3 buyer_ic_lower_3_2 0.4
 trade_s3_b3 buyer_participation_lower_3 0.4
 payment_s0_b0 seller_ic_lower_0_1 0.4
 payment_s0_b0 seller_ic_lower_0_2 0.4
 payment_s0_b0 seller_ic_lower_0_3 0.4
 payment_s0_b0 seller_ic_lower_1_0 -0.25
 payment_s0_b0 seller_ic_lower_2_0 -0.16666666666666669
 payment_s0_b0 seller_ic_lower_3_0 -0.1
 payment_s0_b0 seller_participation_lower_0 0.4
 payment_s0_b0 buyer_ic_lower_0_1 -0.4
 payment_s0_b0 buyer_ic_lower_0_2 -0.4
 payment_s0_b0 buyer_ic_lower_0_3 -0.4
 payment_s0_b0 buyer_ic_lower_1_0 0.25
 payment_s0_b0 buyer_ic_lower_2_0 0.16666666666666669
 payment_s0_b0 buyer_ic_lower_3_0 0.1
 payment_s0_b0 buyer_participation_lower_0 -0.4
 payment_s0_b1 seller_ic_lower_0_1 0.3
 payment_s0_b1 seller_ic_lower_0_2 0.3
 payment_s0_b1 seller_ic_lower_0_3 0.3
 payment_s0_b1 seller_ic_lower_1_0 -0.33333333333333337
 payment_s0_b1 seller_ic_lower_2_0 -0.25
 payment_s0_b1 seller_ic_lower_3_0 -0.2
 payment_s0_b1 seller_participation_lower_0 0.3
 payment_s0_b1 buyer_ic_lower_0_1 0.4
 payment_s0_b1 buyer_ic_lower_1_0 -0.25
 payment_s0_b1 buyer_ic_lower_1_2 -0.25
 payment_s0_b1 buyer_ic_lower_1_3 -0.25
 payment_s0_b1 buyer_ic_lower_2_1 0.16666666666666669
 payment_s0_b1 buyer_ic_lower_3_1 0.1
 payment_s0_b1 buyer_participation_lower_1 -0.25
 payment_s0_b2 seller_ic_lower_0_1 0.2
 payment_s0_b2 seller_ic_lower_0_2 0.2
 payment_s0_b2 seller_ic_lower_0_3 0.2
 payment_s0_b2 seller_ic_lower_1_0 -0.25
 payment_s0_b2 seller_ic_lower_2_0 -0.33333333333333337
 payment_s0_b2 seller_ic_lower_3_0 -0.3
 payment_s0_b2 seller_participation_lower_0 0.2
 payment_s0_b2 buyer_ic_lower_0_2 0.4
 payment_s0_b2 buyer_ic_lower_1_2 0.25
 payment_s0_b2 buyer_ic_lower_2_0 -0.16666666666666669
 payment_s0_b2 buyer_ic_lower_2_1 -0.16666666666666669
 payment_s0_b2 buyer_ic_lower_2_3 -0.16666666666666669
 payment_s0_b2 buyer_ic_lower_3_2 0.1
 payment_s0_b2 buyer_participation_lower_2 -0.16666666666666669
 payment_s0_b3 seller_ic_lower_0_1 0.1
 payment_s0_b3 seller_ic_lower_0_2 0.1
 payment_s0_b3 seller_ic_lower_0_3 0.1
 payment_s0_b3 seller_ic_lower_1_0 -0.16666666666666669
 payment_s0_b3 seller_ic_lower_2_0 -0.25
 payment_s0_b3 seller_ic_lower_3_0 -0.4
 payment_s0_b3 seller_participation_lower_0 0.1
 payment_s0_b3 buyer_ic_lower_0_3 0.4
 payment_s0_b3 buyer_ic_lower_1_3 0.25
 payment_s0_b3 buyer_ic_lower_2_3 0.16666666666666669
 payment_s0_b3 buyer_ic_lower_3_0 -0.1
 payment_s0_b3 buyer_ic_lower_3_1 -0.1
 payment_s0_b3 buyer_ic_lower_3_2 -0.1
 payment_s0_b3 buyer_participation_lower_3 -0.1
 payment_s1_b0 seller_ic_lower_0_1 -0.4
 payment_s1_b0 seller_ic_lower_1_0 0.25
 payment_s1_b0 seller_ic_lower_1_2 0.25
 payment_s1_b0 seller_ic_lower_1_3 0.25
 payment_s1_b0 seller_ic_lower_2_1 -0.16666666666666669
 payment_s1_b0 seller_ic_lower_3_1 -0.1
 payment_s1_b0 seller_participation_lower_1 0.25
 payment_s1_b0 buyer_ic_lower_0_1 -0.3
 payment_s1_b0 buyer_ic_lower_0_2 -0.3
 payment_s1_b0 buyer_ic_lower_0_3 -0.3
 payment_s1_b0 buyer_ic_lower_1_0 0.33333333333333337
 payment_s1_b0 buyer_ic_lower_2_0 0.25
 payment_s1_b0 buyer_ic_lower_3_0 0.2
 payment_s1_b0 buyer_participation_lower_0 -0.3
 payment_s1_b1 seller_ic_lower_0_1 -0.3
 payment_s1_b1 seller_ic_lower_1_0 0.33333333333333337
 payment_s1_b1 seller_ic_lower_1_2 0.33333333333333337
 payment_s1_b1 seller_ic_lower_1_3 0.33333333333333337
 payment_s1_b1 seller_ic_lower_2_1 -0.25
 payment_s1_b1 seller_ic_lower_3_1 -0.2
 payment_s1_b1 seller_participation_lower_1 0.33333333333333337
 payment_s1_b1 buyer_ic_lower_0_1 0.3
 payment_s1_b1 buyer_ic_lower_1_0 -0.33333333333333337
 payment_s1_b1 buyer_ic_lower_1_2 -0.33333333333333337
 payment_s1_b1 buyer_ic_lower_1_3 -0.33333333333333337
 payment_s1_b1 buyer_ic_lower_2_1 0.25
 payment_s1_b1 buyer_ic_lower_3_1 0.2
 payment_s1_b1 buyer_participation_lower_1 -0.33333333333333337
 payment_s1_b2 seller_ic_lower_0_1 -0.2
 payment_s1_b2 seller_ic_lower_1_0 0.25
 payment_s1_b2 seller_ic_lower_1_2 0.25
 payment_s1_b2 seller_ic_lower_1_3 0.25
 payment_s1_b2 seller_ic_lower_2_1 -0.33333333333333337
 payment_s1_b2 seller_ic_lower_3_1 -0.3
 payment_s1_b2 seller_participation_lower_1 0.25
 payment_s1_b2 buyer_ic_lower_0_2 0.3
 payment_s1_b2 buyer_ic_lower_1_2 0.33333333333333337
 payment_s1_b2 buyer_ic_lower_2_0 -0.25
 payment_s1_b2 buyer_ic_lower_2_1 -0.25
 payment_s1_b2 buyer_ic_lower_2_3 -0.25
 payment_s1_b2 buyer_ic_lower_3_2 0.2
 payment_s1_b2 buyer_participation_lower_2 -0.25
 payment_s1_b3 seller_ic_lower_0_1 -0.1
 payment_s1_b3 seller_ic_lower_1_0 0.16666666666666669
 payment_s1_b3 seller_ic_lower_1_2 0.16666666666666669
 payment_s1_b3 seller_ic_lower_1_3 0.16666666666666669
 payment_s1_b3 seller_ic_lower_2_1 -0.25
 payment_s1_b3 seller_ic_lower_3_1 -0.4
 payment_s1_b3 seller_participation_lower_1 0.16666666666666669
 payment_s1_b3 buyer_ic_lower_0_3 0.3
 payment_s1_b3 buyer_ic_lower_1_3 0.33333333333333337
 payment_s1_b3 buyer_ic_lower_2_3 0.25
 payment_s1_b3 buyer_ic_lower_3_0 -0.2
 payment_s1_b3 buyer_ic_lower_3_1 -0.2
 payment_s1_b3 buyer_ic_lower_3_2 -0.2
 payment_s1_b3 buyer_participation_lower_3 -0.2
 payment_s2_b0 seller_ic_lower_0_2 -0.4
 payment_s2_b0 seller_ic_lower_1_2 -0.25
 payment_s2_b0 seller_ic_lower_2_0 0.16666666666666669
 payment_s2_b0 seller_ic_lower_2_1 0.16666666666666669
 payment_s2_b0 seller_ic_lower_2_3 0.16666666666666669
 payment_s2_b0 seller_ic_lower_3_2 -0.1
 payment_s2_b0 seller_participation_lower_2 0.16666666666666669
 payment_s2_b0 buyer_ic_lower_0_1 -0.2
 payment_s2_b0 buyer_ic_lower_0_2 -0.2
 payment_s2_b0 buyer_ic_lower_0_3 -0.2
 payment_s2_b0 buyer_ic_lower_1_0 0.25
 payment_s2_b0 buyer_ic_lower_2_0 0.33333333333333337
 payment_s2_b0 buyer_ic_lower_3_0 0.3
 payment_s2_b0 buyer_participation_lower_0 -0.2
 payment_s2_b1 seller_ic_lower_0_2 -0.3
 payment_s2_b1 seller_ic_lower_1_2 -0.33333333333333337
 payment_s2_b1 seller_ic_lower_2_0 0.25
 payment_s2_b1 seller_ic_lower_2_1 0.25
 payment_s2_b1 seller_ic_lower_2_3 0.25
 payment_s2_b1 seller_ic_lower_3_2 -0.2
 payment_s2_b1 seller_participation_lower_2 0.25
 payment_s2_b1 buyer_ic_lower_0_1 0.2
 payment_s2_b1 buyer_ic_lower_1_0 -0.25
 payment_s2_b1 buyer_ic_lower_1_2 -0.25
 payment_s2_b1 buyer_ic_lower_1_3 -0.25
 payment_s2_b1 buyer_ic_lower_2_1 0.33333333333333337
 payment_s2_b1 buyer_ic_lower_3_1 0.3
 payment_s2_b1 buyer_participation_lower_1 -0.25
 payment_s2_b2 seller_ic_lower_0_2 -0.2
 payment_s2_b2 seller_ic_lower_1_2 -0.25
 payment_s2_b2 seller_ic_lower_2_0 0.33333333333333337
 payment_s2_b2 seller_ic_lower_2_1 0.33333333333333337
 payment_s2_b2 seller_ic_lower_2_3 0.33333333333333337
 payment_s2_b2 seller_ic_lower_3_2 -0.3
 payment_s2_b2 seller_participation_lower_2 0.33333333333333337
 payment_s2_b2 buyer_ic_lower_0_2 0.2
 payment_s2_b2 buyer_ic_lower_1_2 0.25
 payment_s2_b2 buyer_ic_lower_2_0 -0.33333333333333337
 payment_s2_b2 buyer_ic_lower_2_1 -0.33333333333333337
 payment_s2_b2 buyer_ic_lower_2_3 -0.33333333333333337
 payment_s2_b2 buyer_ic_lower_3_2 0.3
 payment_s2_b2 buyer_participation_lower_2 -0.33333333333333337
 payment_s2_b3 seller_ic_lower_0_2 -0.1
 payment_s2_b3 seller_ic_lower_1_2 -0.16666666666666669
 payment_s2_b3 seller_ic_lower_2_0 0.25
 payment_s2_b3 seller_ic_lower_2_1 0.25
 payment_s2_b3 seller_ic_lower_2_3 0.25
 payment_s2_b3 seller_ic_lower_3_2 -0.4
 payment_s2_b3 seller_participation_lower_2 0.25
 payment_s2_b3 buyer_ic_lower_0_3 0.2
 payment_s2_b3 buyer_ic_lower_1_3 0.25
 payment_s2_b3 buyer_ic_lower_2_3 0.33333333333333337
 payment_s2_b3 buyer_ic_lower_3_0 -0.3
 payment_s2_b3 buyer_ic_lower_3_1 -0.3
 payment_s2_b3 buyer_ic_lower_3_2 -0.3
 payment_s2_b3 buyer_participation_lower_3 -0.3
 payment_s3_b0 seller_ic_lower_0_3 -0.4
 payment_s3_b0 seller_ic_lower_1_3 -0.25
 payment_s3_b0 seller_ic_lower_2_3 -0.16666666666666669
 payment_s3_b0 seller_ic_lower_3_0 0.1
 payment_s3_b0 seller_ic_lower_3_1 0.1
 payment_s3_b0 seller_ic_lower_3_2 0.1
 payment_s3_b0 seller_participation_lower_3 0.1
 payment_s3_b0 buyer_ic_lower_0_1 -0.1
 payment_s3_b0 buyer_ic_lower_0_2 -0.1
 payment_s3_b0 buyer_ic_lower_0_3 -0.1
 payment_s3_b0 buyer_ic_lower_1_0 0.16666666666666669
 payment_s3_b0 buyer_ic_lower_2_0 0.25
 payment_s3_b0 buyer_ic_lower_3_0 0.4
 payment_s3_b0 buyer_participation_lower_0 -0.1
 payment_s3_b1 seller_ic_lower_0_3 -0.3
 payment_s3_b1 seller_ic_lower_1_3 -0.33333333333333337
 payment_s3_b1 seller_ic_lower_2_3 -0.25
 payment_s3_b1 seller_ic_lower_3_0 0.2
 payment_s3_b1 seller_ic_lower_3_1 0.2
 payment_s3_b1 seller_ic_lower_3_2 0.2
 payment_s3_b1 seller_participation_lower_3 0.2
 payment_s3_b1 buyer_ic_lower_0_1 0.1
 payment_s3_b1 buyer_ic_lower_1_0 -0.16666666666666669
 payment_s3_b1 buyer_ic_lower_1_2 -0.16666666666666669
 payment_s3_b1 buyer_ic_lower_1_3 -0.16666666666666669
 payment_s3_b1 buyer_ic_lower_2_1 0.25
 payment_s3_b1 buyer_ic_lower_3_1 0.4
 payment_s3_b1 buyer_participation_lower_1 -0.16666666666666669
 payment_s3_b2 seller_ic_lower_0_3 -0.2
 payment_s3_b2 seller_ic_lower_1_3 -0.25
 payment_s3_b2 seller_ic_lower_2_3 -0.33333333333333337
 payment_s3_b2 seller_ic_lower_3_0 0.3
 payment_s3_b2 seller_ic_lower_3_1 0.3
 payment_s3_b2 seller_ic_lower_3_2 0.3
 payment_s3_b2 seller_participation_lower_3 0.3
 payment_s3_b2 buyer_ic_lower_0_2 0.1
 payment_s3_b2 buyer_ic_lower_1_2 0.16666666666666669
 payment_s3_b2 buyer_ic_lower_2_0 -0.25
 payment_s3_b2 buyer_ic_lower_2_1 -0.25
 payment_s3_b2 buyer_ic_lower_2_3 -0.25
 payment_s3_b2 buyer_ic_lower_3_2 0.4
 payment_s3_b2 buyer_participation_lower_2 -0.25
 payment_s3_b3 seller_ic_lower_0_3 -0.1
 payment_s3_b3 seller_ic_lower_1_3 -0.16666666666666669
 payment_s3_b3 seller_ic_lower_2_3 -0.25
 payment_s3_b3 seller_ic_lower_3_0 0.4
 payment_s3_b3 seller_ic_lower_3_1 0.4
 payment_s3_b3 seller_ic_lower_3_2 0.4
 payment_s3_b3 seller_participation_lower_3 0.4
 payment_s3_b3 buyer_ic_lower_0_3 0.1
 payment_s3_b3 buyer_ic_lower_1_3 0.16666666666666669
 payment_s3_b3 buyer_ic_lower_2_3 0.25
 payment_s3_b3 buyer_ic_lower_3_0 -0.4
 payment_s3_b3 buyer_ic_lower_3_1 -0.4
 payment_s3_b3 buyer_ic_lower_3_2 -0.4
 payment_s3_b3 buyer_participation_lower_3 -0.4
RHS
 RHS seller_participation_lower_0 0.15
 RHS buyer_participation_lower_2 0.10416666666666666
 RHS buyer_participation_lower_3 0.15000000000000002
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
 LO BOUND payment_s0_b0 -1
 UP BOUND payment_s0_b0 1
 LO BOUND payment_s0_b1 -1
 UP BOUND payment_s0_b1 1
 LO BOUND payment_s0_b2 -1
 UP BOUND payment_s0_b2 1
 LO BOUND payment_s0_b3 -1
 UP BOUND payment_s0_b3 1
 LO BOUND payment_s1_b0 -1
 UP BOUND payment_s1_b0 1
 LO BOUND payment_s1_b1 -1
 UP BOUND payment_s1_b1 1
 LO BOUND payment_s1_b2 -1
 UP BOUND payment_s1_b2 1
 LO BOUND payment_s1_b3 -1
 UP BOUND payment_s1_b3 1
 LO BOUND payment_s2_b0 -1
 UP BOUND payment_s2_b0 1
 LO BOUND payment_s2_b1 -1
 UP BOUND payment_s2_b1 1
 LO BOUND payment_s2_b2 -1
 UP BOUND payment_s2_b2 1
 LO BOUND payment_s2_b3 -1
 UP BOUND payment_s2_b3 1
 LO BOUND payment_s3_b0 -1
 UP BOUND payment_s3_b0 1
 LO BOUND payment_s3_b1 -1
 UP BOUND payment_s3_b1 1
 LO BOUND payment_s3_b2 -1
 UP BOUND payment_s3_b2 1
 LO BOUND payment_s3_b3 -1
 UP BOUND payment_s3_b3 1
ENDATA
