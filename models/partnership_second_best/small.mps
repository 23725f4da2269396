* Minimise. The .json file beside this one says what every name means.
NAME mechopt
ROWS
 N  cost
 G  units_0_0
 G  units_0_1
 G  units_0_2
 G  units_0_3
 G  units_0_4
 G  units_1_0
 G  units_1_1
 G  units_1_2
 G  units_1_3
 G  units_1_4
 G  units_2_0
 G  units_2_1
 G  units_2_2
 G  units_2_3
 G  units_2_4
 G  units_3_0
 G  units_3_1
 G  units_3_2
 G  units_3_3
 G  units_3_4
 G  units_4_0
 G  units_4_1
 G  units_4_2
 G  units_4_3
 G  units_4_4
 E  partner_1_quantity_definition_0
 E  partner_1_quantity_definition_1
 E  partner_1_quantity_definition_2
 E  partner_1_quantity_definition_3
 E  partner_1_quantity_definition_4
 E  partner_2_quantity_definition_0
 E  partner_2_quantity_definition_1
 E  partner_2_quantity_definition_2
 E  partner_2_quantity_definition_3
 E  partner_2_quantity_definition_4
 G  partner_1_ic_down_0
 G  partner_1_ic_down_1
 G  partner_1_ic_down_2
 G  partner_1_ic_down_3
 G  partner_1_ic_up_0
 G  partner_1_ic_up_1
 G  partner_1_ic_up_2
 G  partner_1_ic_up_3
 G  partner_1_monotonicity_0
 G  partner_1_monotonicity_1
 G  partner_1_monotonicity_2
 G  partner_1_monotonicity_3
 G  partner_1_participation_lower_0
 G  partner_1_participation_lower_1
 G  partner_1_participation_lower_2
 G  partner_1_participation_lower_3
 G  partner_1_participation_lower_4
 G  partner_2_ic_down_0
 G  partner_2_ic_down_1
 G  partner_2_ic_down_2
 G  partner_2_ic_down_3
 G  partner_2_ic_up_0
 G  partner_2_ic_up_1
 G  partner_2_ic_up_2
 G  partner_2_ic_up_3
 G  partner_2_monotonicity_0
 G  partner_2_monotonicity_1
 G  partner_2_monotonicity_2
 G  partner_2_monotonicity_3
 G  partner_2_participation_lower_0
 G  partner_2_participation_lower_1
 G  partner_2_participation_lower_2
 G  partner_2_participation_lower_3
 G  partner_2_participation_lower_4
 E  budget
COLUMNS
 good_to_1__0_0 units_0_0 -1
 good_to_1__0_0 partner_1_quantity_definition_0 -0.2
 good_to_1__0_1 units_0_1 -1
 good_to_1__0_1 partner_1_quantity_definition_0 -0.2
 good_to_1__0_2 units_0_2 -1
 good_to_1__0_2 partner_1_quantity_definition_0 -0.2
 good_to_1__0_3 units_0_3 -1
 good_to_1__0_3 partner_1_quantity_definition_0 -0.2
 good_to_1__0_4 units_0_4 -1
 good_to_1__0_4 partner_1_quantity_definition_0 -0.2
 good_to_1__1_0 units_1_0 -1
 good_to_1__1_0 partner_1_quantity_definition_1 -0.2
 good_to_1__1_1 units_1_1 -1
 good_to_1__1_1 partner_1_quantity_definition_1 -0.2
 good_to_1__1_2 units_1_2 -1
 good_to_1__1_2 partner_1_quantity_definition_1 -0.2
 good_to_1__1_3 units_1_3 -1
 good_to_1__1_3 partner_1_quantity_definition_1 -0.2
 good_to_1__1_4 units_1_4 -1
 good_to_1__1_4 partner_1_quantity_definition_1 -0.2
 good_to_1__2_0 units_2_0 -1
 good_to_1__2_0 partner_1_quantity_definition_2 -0.2
 good_to_1__2_1 units_2_1 -1
 good_to_1__2_1 partner_1_quantity_definition_2 -0.2
 good_to_1__2_2 units_2_2 -1
 good_to_1__2_2 partner_1_quantity_definition_2 -0.2
 good_to_1__2_3 units_2_3 -1
 good_to_1__2_3 partner_1_quantity_definition_2 -0.2
 good_to_1__2_4 units_2_4 -1
 good_to_1__2_4 partner_1_quantity_definition_2 -0.2
 good_to_1__3_0 units_3_0 -1
 good_to_1__3_0 partner_1_quantity_definition_3 -0.2
 good_to_1__3_1 units_3_1 -1
 good_to_1__3_1 partner_1_quantity_definition_3 -0.2
 good_to_1__3_2 units_3_2 -1
 good_to_1__3_2 partner_1_quantity_definition_3 -0.2
 good_to_1__3_3 units_3_3 -1
 good_to_1__3_3 partner_1_quantity_definition_3 -0.2
 good_to_1__3_4 units_3_4 -1
 good_to_1__3_4 partner_1_quantity_definition_3 -0.2
 good_to_1__4_0 units_4_0 -1
 good_to_1__4_0 partner_1_quantity_definition_4 -0.2
 good_to_1__4_1 units_4_1 -1
 good_to_1__4_1 partner_1_quantity_definition_4 -0.2
 good_to_1__4_2 units_4_2 -1
 good_to_1__4_2 partner_1_quantity_definition_4 -0.2
 good_to_1__4_3 units_4_3 -1
 good_to_1__4_3 partner_1_quantity_definition_4 -0.2
 good_to_1__4_4 units_4_4 -1
 good_to_1__4_4 partner_1_quantity_definition_4 -0.2
 good_to_2__0_0 units_0_0 -1
 good_to_2__0_0 partner_2_quantity_definition_0 -0.2
 good_to_2__0_1 units_0_1 -1
 good_to_2__0_1 partner_2_quantity_definition_1 -0.2
 good_to_2__0_2 units_0_2 -1
 good_to_2__0_2 partner_2_quantity_definition_2 -0.2
 good_to_2__0_3 units_0_3 -1
 good_to_2__0_3 partner_2_quantity_definition_3 -0.2
 good_to_2__0_4 units_0_4 -1
 good_to_2__0_4 partner_2_quantity_definition_4 -0.2
 good_to_2__1_0 units_1_0 -1
 good_to_2__1_0 partner_2_quantity_definition_0 -0.2
 good_to_2__1_1 units_1_1 -1
 good_to_2__1_1 partner_2_quantity_definition_1 -0.2
 good_to_2__1_2 units_1_2 -1
 good_to_2__1_2 partner_2_quantity_definition_2 -0.2
 good_to_2__1_3 units_1_3 -1
 good_to_2__1_3 partner_2_quantity_definition_3 -0.2
 good_to_2__1_4 units_1_4 -1
 good_to_2__1_4 partner_2_quantity_definition_4 -0.2
 good_to_2__2_0 units_2_0 -1
 good_to_2__2_0 partner_2_quantity_definition_0 -0.2
 good_to_2__2_1 units_2_1 -1
 good_to_2__2_1 partner_2_quantity_definition_1 -0.2
 good_to_2__2_2 units_2_2 -1
 good_to_2__2_2 partner_2_quantity_definition_2 -0.2
 good_to_2__2_3 units_2_3 -1
 good_to_2__2_3 partner_2_quantity_definition_3 -0.2
 good_to_2__2_4 units_2_4 -1
 good_to_2__2_4 partner_2_quantity_definition_4 -0.2
 good_to_2__3_0 units_3_0 -1
 good_to_2__3_0 partner_2_quantity_definition_0 -0.2
 good_to_2__3_1 units_3_1 -1
 good_to_2__3_1 partner_2_quantity_definition_1 -0.2
 good_to_2__3_2 units_3_2 -1
 good_to_2__3_2 partner_2_quantity_definition_2 -0.2
 good_to_2__3_3 units_3_3 -1
 good_to_2__3_3 partner_2_quantity_definition_3 -0.2
 good_to_2__3_4 units_3_4 -1
 good_to_2__3_4 partner_2_quantity_definition_4 -0.2
 good_to_2__4_0 units_4_0 -1
 good_to_2__4_0 partner_2_quantity_definition_0 -0.2
 good_to_2__4_1 units_4_1 -1
 good_to_2__4_1 partner_2_quantity_definition_1 -0.2
 good_to_2__4_2 units_4_2 -1
 good_to_2__4_2 partner_2_quantity_definition_2 -0.2
 good_to_2__4_3 units_4_3 -1
 good_to_2__4_3 partner_2_quantity_definition_3 -0.2
 good_to_2__4_4 units_4_4 -1
 good_to_2__4_4 partner_2_quantity_definition_4 -0.2
 partner_1_quantity_0 cost -0.04000000000000001
 partner_1_quantity_0 partner_1_quantity_definition_0 1
 partner_1_quantity_0 partner_1_ic_down_0 -0.4
 partner_1_quantity_0 partner_1_ic_up_0 0.2
 partner_1_quantity_0 partner_1_monotonicity_0 -1
 partner_1_quantity_0 partner_1_participation_lower_0 0.2
 partner_1_quantity_1 cost -0.08000000000000002
 partner_1_quantity_1 partner_1_quantity_definition_1 1
 partner_1_quantity_1 partner_1_ic_down_0 0.4
 partner_1_quantity_1 partner_1_ic_down_1 -0.6
 partner_1_quantity_1 partner_1_ic_up_0 -0.2
 partner_1_quantity_1 partner_1_ic_up_1 0.4
 partner_1_quantity_1 partner_1_monotonicity_0 1
 partner_1_quantity_1 partner_1_monotonicity_1 -1
 partner_1_quantity_1 partner_1_participation_lower_1 0.4
 partner_1_quantity_2 cost -0.12
 partner_1_quantity_2 partner_1_quantity_definition_2 1
 partner_1_quantity_2 partner_1_ic_down_1 0.6
 partner_1_quantity_2 partner_1_ic_down_2 -0.8
 partner_1_quantity_2 partner_1_ic_up_1 -0.4
 partner_1_quantity_2 partner_1_ic_up_2 0.6
 partner_1_quantity_2 partner_1_monotonicity_1 1
 partner_1_quantity_2 partner_1_monotonicity_2 -1
 partner_1_quantity_2 partner_1_participation_lower_2 0.6
 partner_1_quantity_3 cost -0.16000000000000003
 partner_1_quantity_3 partner_1_quantity_definition_3 1
 partner_1_quantity_3 partner_1_ic_down_2 0.8
 partner_1_quantity_3 partner_1_ic_down_3 -1
 partner_1_quantity_3 partner_1_ic_up_2 -0.6
 partner_1_quantity_3 partner_1_ic_up_3 0.8
 partner_1_quantity_3 partner_1_monotonicity_2 1
 partner_1_quantity_3 partner_1_monotonicity_3 -1
 partner_1_quantity_3 partner_1_participation_lower_3 0.8
 partner_1_quantity_4 cost -0.2
 partner_1_quantity_4 partner_1_quantity_definition_4 1
 partner_1_quantity_4 partner_1_ic_down_3 1
 partner_1_quantity_4 partner_1_ic_up_3 -0.8
 partner_1_quantity_4 partner_1_monotonicity_3 1
 partner_1_quantity_4 partner_1_participation_lower_4 1
 partner_1_payment_0 cost 0.2
 partner_1_payment_0 partner_1_ic_down_0 1
 partner_1_payment_0 partner_1_ic_up_0 -1
 partner_1_payment_0 partner_1_participation_lower_0 -1
 partner_1_payment_0 budget 0.2
 partner_1_payment_1 cost 0.2
 partner_1_payment_1 partner_1_ic_down_0 -1
 partner_1_payment_1 partner_1_ic_down_1 1
 partner_1_payment_1 partner_1_ic_up_0 1
 partner_1_payment_1 partner_1_ic_up_1 -1
 partner_1_payment_1 partner_1_participation_lower_1 -1
 partner_1_payment_1 budget 0.2
 partner_1_payment_2 cost 0.2
 partner_1_payment_2 partner_1_ic_down_1 -1
 partner_1_payment_2 partner_1_ic_down_2 1
 partner_1_payment_2 partner_1_ic_up_1 1
 partner_1_payment_2 partner_1_ic_up_2 -1
 partner_1_payment_2 partner_1_participation_lower_2 -1
 partner_1_payment_2 budget 0.2
 partner_1_payment_3 cost 0.2
 partner_1_payment_3 partner_1_ic_down_2 -1
 partner_1_payment_3 partner_1_ic_down_3 1
 partner_1_payment_3 partner_1_ic_up_2 1
 partner_1_payment_3 partner_1_ic_up_3 -1
 partner_1_payment_3 partner_1_participation_lower_3 -1
 partner_1_payment_3 budget 0.2
 partner_1_payment_4 cost 0.2
 partner_1_payment_4 partner_1_ic_down_3 -1
 partner_1_payment_4 partner_1_ic_up_3 1
 partner_1_payment_4 partner_1_participation_lower_4 -1
 partner_1_payment_4 budget 0.2
 partner_2_quantity_0 cost -0.04000000000000001
 partner_2_quantity_0 partner_2_quantity_definition_0 1
 partner_2_quantity_0 partner_2_ic_down_0 -0.4
 partner_2_quantity_0 partner_2_ic_up_0 0.2
 partner_2_quantity_0 partner_2_monotonicity_0 -1
 partner_2_quantity_0 partner_2_participation_lower_0 0.2
 partner_2_quantity_1 cost -0.08000000000000002
 partner_2_quantity_1 partner_2_quantity_definition_1 1
 partner_2_quantity_1 partner_2_ic_down_0 0.4
 partner_2_quantity_1 partner_2_ic_down_1 -0.6
 partner_2_quantity_1 partner_2_ic_up_0 -0.2
 partner_2_quantity_1 partner_2_ic_up_1 0.4
 partner_2_quantity_1 partner_2_monotonicity_0 1
 partner_2_quantity_1 partner_2_monotonicity_1 -1
 partner_2_quantity_1 partner_2_participation_lower_1 0.4
 partner_2_quantity_2 cost -0.12
 partner_2_quantity_2 partner_2_quantity_definition_2 1
 partner_2_quantity_2 partner_2_ic_down_1 0.6
 partner_2_quantity_2 partner_2_ic_down_2 -0.8
 partner_2_quantity_2 partner_2_ic_up_1 -0.4
 partner_2_quantity_2 partner_2_ic_up_2 0.6
 partner_2_quantity_2 partner_2_monotonicity_1 1
 partner_2_quantity_2 partner_2_monotonicity_2 -1
 partner_2_quantity_2 partner_2_participation_lower_2 0.6
 partner_2_quantity_3 cost -0.16000000000000003
 partner_2_quantity_3 partner_2_quantity_definition_3 1
 partner_2_quantity_3 partner_2_ic_down_2 0.8
 partner_2_quantity_3 partner_2_ic_down_3 -1
 partner_2_quantity_3 partner_2_ic_up_2 -0.6
 partner_2_quantity_3 partner_2_ic_up_3 0.8
 partner_2_quantity_3 partner_2_monotonicity_2 1
 partner_2_quantity_3 partner_2_monotonicity_3 -1
 partner_2_quantity_3 partner_2_participation_lower_3 0.8
 partner_2_quantity_4 cost -0.2
 partner_2_quantity_4 partner_2_quantity_definition_4 1
 partner_2_quantity_4 partner_2_ic_down_3 1
 partner_2_quantity_4 partner_2_ic_up_3 -0.8
 partner_2_quantity_4 partner_2_monotonicity_3 1
 partner_2_quantity_4 partner_2_participation_lower_4 1
 partner_2_payment_0 cost 0.2
 partner_2_payment_0 partner_2_ic_down_0 1
 partner_2_payment_0 partner_2_ic_up_0 -1
 partner_2_payment_0 partner_2_participation_lower_0 -1
 partner_2_payment_0 budget 0.2
 partner_2_payment_1 cost 0.2
 partner_2_payment_1 partner_2_ic_down_0 -1
 partner_2_payment_1 partner_2_ic_down_1 1
 partner_2_payment_1 partner_2_ic_up_0 1
 partner_2_payment_1 partner_2_ic_up_1 -1
 partner_2_payment_1 partner_2_participation_lower_1 -1
 partner_2_payment_1 budget 0.2
 partner_2_payment_2 cost 0.2
 partner_2_payment_2 partner_2_ic_down_1 -1
 partner_2_payment_2 partner_2_ic_down_2 1
 partner_2_payment_2 partner_2_ic_up_1 1
 partner_2_payment_2 partner_2_ic_up_2 -1
 partner_2_payment_2 partner_2_participation_lower_2 -1
 partner_2_payment_2 budget 0.2
 partner_2_payment_3 cost 0.2
 partner_2_payment_3 partner_2_ic_down_2 -1
 partner_2_payment_3 partner_2_ic_down_3 1
 partner_2_payment_3 partner_2_ic_up_2 1
 partner_2_payment_3 partner_2_ic_up_3 -1
 partner_2_payment_3 partner_2_participation_lower_3 -1
 partner_2_payment_3 budget 0.2
 partner_2_payment_4 cost 0.2
 partner_2_payment_4 partner_2_ic_down_3 -1
 partner_2_payment_4 partner_2_ic_up_3 1
 partner_2_payment_4 partner_2_participation_lower_4 -1
 partner_2_payment_4 budget 0.2
RHS
 RHS units_0_0 -1
 RHS units_0_1 -1
 RHS units_0_2 -1
 RHS units_0_3 -1
 RHS units_0_4 -1
 RHS units_1_0 -1
 RHS units_1_1 -1
 RHS units_1_2 -1
 RHS units_1_3 -1
 RHS units_1_4 -1
 RHS units_2_0 -1
 RHS units_2_1 -1
 RHS units_2_2 -1
 RHS units_2_3 -1
 RHS units_2_4 -1
 RHS units_3_0 -1
 RHS units_3_1 -1
 RHS units_3_2 -1
 RHS units_3_3 -1
 RHS units_3_4 -1
 RHS units_4_0 -1
 RHS units_4_1 -1
 RHS units_4_2 -1
 RHS units_4_3 -1
 RHS units_4_4 -1
 RHS partner_1_participation_lower_0 0.16666666666666669
 RHS partner_1_participation_lower_1 0.33333333333333337
 RHS partner_1_participation_lower_2 0.5
 RHS partner_1_participation_lower_3 0.6666666666666667
 RHS partner_1_participation_lower_4 0.8333333333333334
 RHS partner_2_participation_lower_0 0.03333333333333333
 RHS partner_2_participation_lower_1 0.06666666666666667
 RHS partner_2_participation_lower_2 0.09999999999999999
 RHS partner_2_participation_lower_3 0.13333333333333333
 RHS partner_2_participation_lower_4 0.16666666666666666
BOUNDS
 UP BOUND good_to_1__0_0 1
 UP BOUND good_to_1__0_1 1
 UP BOUND good_to_1__0_2 1
 UP BOUND good_to_1__0_3 1
 UP BOUND good_to_1__0_4 1
 UP BOUND good_to_1__1_0 1
 UP BOUND good_to_1__1_1 1
 UP BOUND good_to_1__1_2 1
 UP BOUND good_to_1__1_3 1
 UP BOUND good_to_1__1_4 1
 UP BOUND good_to_1__2_0 1
 UP BOUND good_to_1__2_1 1
 UP BOUND good_to_1__2_2 1
 UP BOUND good_to_1__2_3 1
 UP BOUND good_to_1__2_4 1
 UP BOUND good_to_1__3_0 1
 UP BOUND good_to_1__3_1 1
 UP BOUND good_to_1__3_2 1
 UP BOUND good_to_1__3_3 1
 UP BOUND good_to_1__3_4 1
 UP BOUND good_to_1__4_0 1
 UP BOUND good_to_1__4_1 1
 UP BOUND good_to_1__4_2 1
 UP BOUND good_to_1__4_3 1
 UP BOUND good_to_1__4_4 1
 UP BOUND good_to_2__0_0 1
 UP BOUND good_to_2__0_1 1
 UP BOUND good_to_2__0_2 1
 UP BOUND good_to_2__0_3 1
 UP BOUND good_to_2__0_4 1
 UP BOUND good_to_2__1_0 1
 UP BOUND good_to_2__1_1 1
 UP BOUND good_to_2__1_2 1
 UP BOUND good_to_2__1_3 1
 UP BOUND good_to_2__1_4 1
 UP BOUND good_to_2__2_0 1
 UP BOUND good_to_2__2_1 1
 UP BOUND good_to_2__2_2 1
 UP BOUND good_to_2__2_3 1
 UP BOUND good_to_2__2_4 1
 UP BOUND good_to_2__3_0 1
 UP BOUND good_to_2__3_1 1
 UP BOUND good_to_2__3_2 1
 UP BOUND good_to_2__3_3 1
 UP BOUND good_to_2__3_4 1
 UP BOUND good_to_2__4_0 1
 UP BOUND good_to_2__4_1 1
 UP BOUND good_to_2__4_2 1
 UP BOUND good_to_2__4_3 1
 UP BOUND good_to_2__4_4 1
 FR BOUND partner_1_quantity_0
 FR BOUND partner_1_quantity_1
 FR BOUND partner_1_quantity_2
 FR BOUND partner_1_quantity_3
 FR BOUND partner_1_quantity_4
 FR BOUND partner_1_payment_0
 FR BOUND partner_1_payment_1
 FR BOUND partner_1_payment_2
 FR BOUND partner_1_payment_3
 FR BOUND partner_1_payment_4
 FR BOUND partner_2_quantity_0
 FR BOUND partner_2_quantity_1
 FR BOUND partner_2_quantity_2
 FR BOUND partner_2_quantity_3
 FR BOUND partner_2_quantity_4
 FR BOUND partner_2_payment_0
 FR BOUND partner_2_payment_1
 FR BOUND partner_2_payment_2
 FR BOUND partner_2_payment_3
 FR BOUND partner_2_payment_4
ENDATA
