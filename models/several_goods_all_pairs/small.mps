* Minimise. The .json file beside this one says what every name means.
NAME mechopt
ROWS
 N  cost
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
 G  budget
COLUMNS
 good_1__0 buyer_ic_lower_0_1 0.5
 good_1__0 buyer_ic_lower_0_2 0.5
 good_1__0 buyer_ic_lower_0_3 0.5
 good_1__0 buyer_ic_lower_1_0 -0.5
 good_1__0 buyer_ic_lower_2_0 -1
 good_1__0 buyer_ic_lower_3_0 -1
 good_1__0 buyer_participation_lower_0 0.5
 good_1__1 buyer_ic_lower_0_1 -0.5
 good_1__1 buyer_ic_lower_1_0 0.5
 good_1__1 buyer_ic_lower_1_2 0.5
 good_1__1 buyer_ic_lower_1_3 0.5
 good_1__1 buyer_ic_lower_2_1 -1
 good_1__1 buyer_ic_lower_3_1 -1
 good_1__1 buyer_participation_lower_1 0.5
 good_1__2 buyer_ic_lower_0_2 -0.5
 good_1__2 buyer_ic_lower_1_2 -0.5
 good_1__2 buyer_ic_lower_2_0 1
 good_1__2 buyer_ic_lower_2_1 1
 good_1__2 buyer_ic_lower_2_3 1
 good_1__2 buyer_ic_lower_3_2 -1
 good_1__2 buyer_participation_lower_2 1
 good_1__3 buyer_ic_lower_0_3 -0.5
 good_1__3 buyer_ic_lower_1_3 -0.5
 good_1__3 buyer_ic_lower_2_3 -1
 good_1__3 buyer_ic_lower_3_0 1
 good_1__3 buyer_ic_lower_3_1 1
 good_1__3 buyer_ic_lower_3_2 1
 good_1__3 buyer_participation_lower_3 1
 good_2__0 buyer_ic_lower_0_1 0.5
 good_2__0 buyer_ic_lower_0_2 0.5
 good_2__0 buyer_ic_lower_0_3 0.5
 good_2__0 buyer_ic_lower_1_0 -1
 good_2__0 buyer_ic_lower_2_0 -0.5
 good_2__0 buyer_ic_lower_3_0 -1
 good_2__0 buyer_participation_lower_0 0.5
 good_2__1 buyer_ic_lower_0_1 -0.5
 good_2__1 buyer_ic_lower_1_0 1
 good_2__1 buyer_ic_lower_1_2 1
 good_2__1 buyer_ic_lower_1_3 1
 good_2__1 buyer_ic_lower_2_1 -0.5
 good_2__1 buyer_ic_lower_3_1 -1
 good_2__1 buyer_participation_lower_1 1
 good_2__2 buyer_ic_lower_0_2 -0.5
 good_2__2 buyer_ic_lower_1_2 -1
 good_2__2 buyer_ic_lower_2_0 0.5
 good_2__2 buyer_ic_lower_2_1 0.5
 good_2__2 buyer_ic_lower_2_3 0.5
 good_2__2 buyer_ic_lower_3_2 -1
 good_2__2 buyer_participation_lower_2 0.5
 good_2__3 buyer_ic_lower_0_3 -0.5
 good_2__3 buyer_ic_lower_1_3 -1
 good_2__3 buyer_ic_lower_2_3 -0.5
 good_2__3 buyer_ic_lower_3_0 1
 good_2__3 buyer_ic_lower_3_1 1
 good_2__3 buyer_ic_lower_3_2 1
 good_2__3 buyer_participation_lower_3 1
 buyer_payment_0 cost -0.3333333333333333
 buyer_payment_0 buyer_ic_lower_0_1 -1
 buyer_payment_0 buyer_ic_lower_0_2 -1
 buyer_payment_0 buyer_ic_lower_0_3 -1
 buyer_payment_0 buyer_ic_lower_1_0 1
 buyer_payment_0 buyer_ic_lower_2_0 1
 buyer_payment_0 buyer_ic_lower_3_0 1
 buyer_payment_0 buyer_participation_lower_0 -1
 buyer_payment_0 budget 0.3333333333333333
 buyer_payment_1 cost -0.25
 buyer_payment_1 buyer_ic_lower_0_1 1
 buyer_payment_1 buyer_ic_lower_1_0 -1
 buyer_payment_1 buyer_ic_lower_1_2 -1
 buyer_payment_1 buyer_ic_lower_1_3 -1
 buyer_payment_1 buyer_ic_lower_2_1 1
 buyer_payment_1 buyer_ic_lower_3_1 1
 buyer_payment_1 buyer_participation_lower_1 -1
 buyer_payment_1 budget 0.25
 buyer_payment_2 cost -0.25
 buyer_payment_2 buyer_ic_lower_0_2 1
 buyer_payment_2 buyer_ic_lower_1_2 1
 buyer_payment_2 buyer_ic_lower_2_0 -1
 buyer_payment_2 buyer_ic_lower_2_1 -1
 buyer_payment_2 buyer_ic_lower_2_3 -1
 buyer_payment_2 buyer_ic_lower_3_2 1
 buyer_payment_2 buyer_participation_lower_2 -1
 buyer_payment_2 budget 0.25
 buyer_payment_3 cost -0.16666666666666666
 buyer_payment_3 buyer_ic_lower_0_3 1
 buyer_payment_3 buyer_ic_lower_1_3 1
 buyer_payment_3 buyer_ic_lower_2_3 1
 buyer_payment_3 buyer_ic_lower_3_0 -1
 buyer_payment_3 buyer_ic_lower_3_1 -1
 buyer_payment_3 buyer_ic_lower_3_2 -1
 buyer_payment_3 buyer_participation_lower_3 -1
 buyer_payment_3 budget 0.16666666666666666
RHS
BOUNDS
 UP BOUND good_1__0 1
 UP BOUND good_1__1 1
 UP BOUND good_1__2 1
 UP BOUND good_1__3 1
 UP BOUND good_2__0 1
 UP BOUND good_2__1 1
 UP BOUND good_2__2 1
 UP BOUND good_2__3 1
 LO BOUND buyer_payment_0 -100
 UP BOUND buyer_payment_0 100
 LO BOUND buyer_payment_1 -100
 UP BOUND buyer_payment_1 100
 LO BOUND buyer_payment_2 -100
 UP BOUND buyer_payment_2 100
 LO BOUND buyer_payment_3 -100
 UP BOUND buyer_payment_3 100
ENDATA
