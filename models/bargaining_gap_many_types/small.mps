* Minimise. The .json file beside this one says what every name means.
NAME mechopt
ROWS
 N  cost
 G  one_good_0_0
 G  one_good_0_1
 G  one_good_0_2
 G  one_good_0_3
 G  one_good_1_0
 G  one_good_1_1
 G  one_good_1_2
 G  one_good_1_3
 G  one_good_2_0
 G  one_good_2_1
 G  one_good_2_2
 G  one_good_2_3
 G  one_good_3_0
 G  one_good_3_1
 G  one_good_3_2
 G  one_good_3_3
 E  player_1_quantity_definition_0
 E  player_1_quantity_definition_1
 E  player_1_quantity_definition_2
 E  player_1_quantity_definition_3
 E  player_2_quantity_definition_0
 E  player_2_quantity_definition_1
 E  player_2_quantity_definition_2
 E  player_2_quantity_definition_3
 G  player_1_ic_down_0
 G  player_1_ic_down_1
 G  player_1_ic_down_2
 G  player_1_ic_up_0
 G  player_1_ic_up_1
 G  player_1_ic_up_2
 G  player_1_monotonicity_0
 G  player_1_monotonicity_1
 G  player_1_monotonicity_2
 G  player_1_participation_lower_0
 G  player_1_participation_lower_1
 G  player_1_participation_lower_2
 G  player_1_participation_lower_3
 G  player_2_ic_down_0
 G  player_2_ic_down_1
 G  player_2_ic_down_2
 G  player_2_ic_up_0
 G  player_2_ic_up_1
 G  player_2_ic_up_2
 G  player_2_monotonicity_0
 G  player_2_monotonicity_1
 G  player_2_monotonicity_2
 G  player_2_participation_lower_0
 G  player_2_participation_lower_1
 G  player_2_participation_lower_2
 G  player_2_participation_lower_3
 G  budget
COLUMNS
 good_to_1__0_0 one_good_0_0 -1
 good_to_1__0_0 player_1_quantity_definition_0 -0.25
 good_to_1__0_1 one_good_0_1 -1
 good_to_1__0_1 player_1_quantity_definition_0 -0.25
 good_to_1__0_2 one_good_0_2 -1
 good_to_1__0_2 player_1_quantity_definition_0 -0.25
 good_to_1__0_3 one_good_0_3 -1
 good_to_1__0_3 player_1_quantity_definition_0 -0.25
 good_to_1__1_0 one_good_1_0 -1
 good_to_1__1_0 player_1_quantity_definition_1 -0.25
 good_to_1__1_1 one_good_1_1 -1
 good_to_1__1_1 player_1_quantity_definition_1 -0.25
 good_to_1__1_2 one_good_1_2 -1
 good_to_1__1_2 player_1_quantity_definition_1 -0.25
 good_to_1__1_3 one_good_1_3 -1
 good_to_1__1_3 player_1_quantity_definition_1 -0.25
 good_to_1__2_0 one_good_2_0 -1
 good_to_1__2_0 player_1_quantity_definition_2 -0.25
 good_to_1__2_1 one_good_2_1 -1
 good_to_1__2_1 player_1_quantity_definition_2 -0.25
 good_to_1__2_2 one_good_2_2 -1
 good_to_1__2_2 player_1_quantity_definition_2 -0.25
 good_to_1__2_3 one_good_2_3 -1
 good_to_1__2_3 player_1_quantity_definition_2 -0.25
 good_to_1__3_0 one_good_3_0 -1
 good_to_1__3_0 player_1_quantity_definition_3 -0.25
 good_to_1__3_1 one_good_3_1 -1
 good_to_1__3_1 player_1_quantity_definition_3 -0.25
 good_to_1__3_2 one_good_3_2 -1
 good_to_1__3_2 player_1_quantity_definition_3 -0.25
 good_to_1__3_3 one_good_3_3 -1
 good_to_1__3_3 player_1_quantity_definition_3 -0.25
 good_to_2__0_0 one_good_0_0 -1
 good_to_2__0_0 player_2_quantity_definition_0 -0.25
 good_to_2__0_1 one_good_0_1 -1
 good_to_2__0_1 player_2_quantity_definition_1 -0.25
 good_to_2__0_2 one_good_0_2 -1
 good_to_2__0_2 player_2_quantity_definition_2 -0.25
 good_to_2__0_3 one_good_0_3 -1
 good_to_2__0_3 player_2_quantity_definition_3 -0.25
 good_to_2__1_0 one_good_1_0 -1
 good_to_2__1_0 player_2_quantity_definition_0 -0.25
 good_to_2__1_1 one_good_1_1 -1
 good_to_2__1_1 player_2_quantity_definition_1 -0.25
 good_to_2__1_2 one_good_1_2 -1
 good_to_2__1_2 player_2_quantity_definition_2 -0.25
 good_to_2__1_3 one_good_1_3 -1
 good_to_2__1_3 player_2_quantity_definition_3 -0.25
 good_to_2__2_0 one_good_2_0 -1
 good_to_2__2_0 player_2_quantity_definition_0 -0.25
 good_to_2__2_1 one_good_2_1 -1
 good_to_2__2_1 player_2_quantity_definition_1 -0.25
 good_to_2__2_2 one_good_2_2 -1
 good_to_2__2_2 player_2_quantity_definition_2 -0.25
 good_to_2__2_3 one_good_2_3 -1
 good_to_2__2_3 player_2_quantity_definition_3 -0.25
 good_to_2__3_0 one_good_3_0 -1
 good_to_2__3_0 player_2_quantity_definition_0 -0.25
 good_to_2__3_1 one_good_3_1 -1
 good_to_2__3_1 player_2_quantity_definition_1 -0.25
 good_to_2__3_2 one_good_3_2 -1
 good_to_2__3_2 player_2_quantity_definition_2 -0.25
 good_to_2__3_3 one_good_3_3 -1
 good_to_2__3_3 player_2_quantity_definition_3 -0.25
 player_1_quantity_0 cost -0.0625
 player_1_quantity_0 player_1_quantity_definition_0 1
 player_1_quantity_0 player_1_ic_down_0 -0.5
 player_1_quantity_0 player_1_ic_up_0 0.25
 player_1_quantity_0 player_1_monotonicity_0 -1
 player_1_quantity_0 player_1_participation_lower_0 0.25
 player_1_quantity_1 cost -0.125
 player_1_quantity_1 player_1_quantity_definition_1 1
 player_1_quantity_1 player_1_ic_down_0 0.5
 player_1_quantity_1 player_1_ic_down_1 -0.75
 player_1_quantity_1 player_1_ic_up_0 -0.25
 player_1_quantity_1 player_1_ic_up_1 0.5
 player_1_quantity_1 player_1_monotonicity_0 1
 player_1_quantity_1 player_1_monotonicity_1 -1
 player_1_quantity_1 player_1_participation_lower_1 0.5
 player_1_quantity_2 cost -0.1875
 player_1_quantity_2 player_1_quantity_definition_2 1
 player_1_quantity_2 player_1_ic_down_1 0.75
 player_1_quantity_2 player_1_ic_down_2 -1
 player_1_quantity_2 player_1_ic_up_1 -0.5
 player_1_quantity_2 player_1_ic_up_2 0.75
 player_1_quantity_2 player_1_monotonicity_1 1
 player_1_quantity_2 player_1_monotonicity_2 -1
 player_1_quantity_2 player_1_participation_lower_2 0.75
 player_1_quantity_3 cost -0.25
 player_1_quantity_3 player_1_quantity_definition_3 1
 player_1_quantity_3 player_1_ic_down_2 1
 player_1_quantity_3 player_1_ic_up_2 -0.75
 player_1_quantity_3 player_1_monotonicity_2 1
 player_1_quantity_3 player_1_participation_lower_3 1
 player_1_payment_0 cost 0.25
 player_1_payment_0 player_1_ic_down_0 1
 player_1_payment_0 player_1_ic_up_0 -1
 player_1_payment_0 player_1_participation_lower_0 -1
 player_1_payment_0 budget 0.25
 player_1_payment_1 cost 0.25
 player_1_payment_1 player_1_ic_down_0 -1
 player_1_payment_1 player_1_ic_down_1 1
 player_1_payment_1 player_1_ic_up_0 1
 player_1_payment_1 player_1_ic_up_1 -1
 player_1_payment_1 player_1_participation_lower_1 -1
 player_1_payment_1 budget 0.25
 player_1_payment_2 cost 0.25
 player_1_payment_2 player_1_ic_down_1 -1
 player_1_payment_2 player_1_ic_down_2 1
 player_1_payment_2 player_1_ic_up_1 1
 player_1_payment_2 player_1_ic_up_2 -1
 player_1_payment_2 player_1_participation_lower_2 -1
 player_1_payment_2 budget 0.25
 player_1_payment_3 cost 0.25
 player_1_payment_3 player_1_ic_down_2 -1
 player_1_payment_3 player_1_ic_up_2 1
 player_1_payment_3 player_1_participation_lower_3 -1
 player_1_payment_3 budget 0.25
 player_2_quantity_0 player_2_quantity_definition_0 1
 player_2_quantity_0 player_2_ic_down_0 -0.5
 player_2_quantity_0 player_2_ic_up_0 0.25
 player_2_quantity_0 player_2_monotonicity_0 -1
 player_2_quantity_0 player_2_participation_lower_0 0.25
 player_2_quantity_1 player_2_quantity_definition_1 1
 player_2_quantity_1 player_2_ic_down_0 0.5
 player_2_quantity_1 player_2_ic_down_1 -0.75
 player_2_quantity_1 player_2_ic_up_0 -0.25
 player_2_quantity_1 player_2_ic_up_1 0.5
 player_2_quantity_1 player_2_monotonicity_0 1
 player_2_quantity_1 player_2_monotonicity_1 -1
 player_2_quantity_1 player_2_participation_lower_1 0.5
 player_2_quantity_2 player_2_quantity_definition_2 1
 player_2_quantity_2 player_2_ic_down_1 0.75
 player_2_quantity_2 player_2_ic_down_2 -1
 player_2_quantity_2 player_2_ic_up_1 -0.5
 player_2_quantity_2 player_2_ic_up_2 0.75
 player_2_quantity_2 player_2_monotonicity_1 1
 player_2_quantity_2 player_2_monotonicity_2 -1
 player_2_quantity_2 player_2_participation_lower_2 0.75
 player_2_quantity_3 player_2_quantity_definition_3 1
 player_2_quantity_3 player_2_ic_down_2 1
 player_2_quantity_3 player_2_ic_up_2 -0.75
 player_2_quantity_3 player_2_monotonicity_2 1
 player_2_quantity_3 player_2_participation_lower_3 1
 player_2_payment_0 player_2_ic_down_0 1
 player_2_payment_0 player_2_ic_up_0 -1
 player_2_payment_0 player_2_participation_lower_0 -1
 player_2_payment_0 budget 0.25
 player_2_payment_1 player_2_ic_down_0 -1
 player_2_payment_1 player_2_ic_down_1 1
 player_2_payment_1 player_2_ic_up_0 1
 player_2_payment_1 player_2_ic_up_1 -1
 player_2_payment_1 player_2_participation_lower_1 -1
 player_2_payment_1 budget 0.25
 player_2_payment_2 player_2_ic_down_1 -1
 player_2_payment_2 player_2_ic_down_2 1
 player_2_payment_2 player_2_ic_up_1 1
 player_2_payment_2 player_2_ic_up_2 -1
 player_2_payment_2 player_2_participation_lower_2 -1
 player_2_payment_2 budget 0.25
 player_2_payment_3 player_2_ic_down_2 -1
 player_2_payment_3 player_2_ic_up_2 1
 player_2_payment_3 player_2_participation_lower_3 -1
 player_2_payment_3 budget 0.25
RHS
 RHS one_good_0_0 -1
 RHS one_good_0_1 -1
 RHS one_good_0_2 -1
 RHS one_good_0_3 -1
 RHS one_good_1_0 -1
 RHS one_good_1_1 -1
 RHS one_good_1_2 -1
 RHS one_good_1_3 -1
 RHS one_good_2_0 -1
 RHS one_good_2_1 -1
 RHS one_good_2_2 -1
 RHS one_good_2_3 -1
 RHS one_good_3_0 -1
 RHS one_good_3_1 -1
 RHS one_good_3_2 -1
 RHS one_good_3_3 -1
 RHS player_1_participation_lower_0 0.125
 RHS player_1_participation_lower_1 0.15625
 RHS player_1_participation_lower_2 0.203125
 RHS player_1_participation_lower_3 0.25
 RHS player_2_participation_lower_0 0.375
 RHS player_2_participation_lower_1 0.46875
 RHS player_2_participation_lower_2 0.609375
 RHS player_2_participation_lower_3 0.75
BOUNDS
 UP BOUND good_to_1__0_0 1
 UP BOUND good_to_1__0_1 1
 UP BOUND good_to_1__0_2 1
 UP BOUND good_to_1__0_3 1
 UP BOUND good_to_1__1_0 1
 UP BOUND good_to_1__1_1 1
 UP BOUND good_to_1__1_2 1
 UP BOUND good_to_1__1_3 1
 UP BOUND good_to_1__2_0 1
 UP BOUND good_to_1__2_1 1
 UP BOUND good_to_1__2_2 1
 UP BOUND good_to_1__2_3 1
 UP BOUND good_to_1__3_0 1
 UP BOUND good_to_1__3_1 1
 UP BOUND good_to_1__3_2 1
 UP BOUND good_to_1__3_3 1
 UP BOUND good_to_2__0_0 1
 UP BOUND good_to_2__0_1 1
 UP BOUND good_to_2__0_2 1
 UP BOUND good_to_2__0_3 1
 UP BOUND good_to_2__1_0 1
 UP BOUND good_to_2__1_1 1
 UP BOUND good_to_2__1_2 1
 UP BOUND good_to_2__1_3 1
 UP BOUND good_to_2__2_0 1
 UP BOUND good_to_2__2_1 1
 UP BOUND good_to_2__2_2 1
 UP BOUND good_to_2__2_3 1
 UP BOUND good_to_2__3_0 1
 UP BOUND good_to_2__3_1 1
 UP BOUND good_to_2__3_2 1
 UP BOUND good_to_2__3_3 1
 FR BOUND player_1_quantity_0
 FR BOUND player_1_quantity_1
 FR BOUND player_1_quantity_2
 FR BOUND player_1_quantity_3
 FR BOUND player_1_payment_0
 FR BOUND player_1_payment_1
 FR BOUND player_1_payment_2
 FR BOUND player_1_payment_3
 FR BOUND player_2_quantity_0
 FR BOUND player_2_quantity_1
 FR BOUND player_2_quantity_2
 FR BOUND player_2_quantity_3
 FR BOUND player_2_payment_0
 FR BOUND player_2_payment_1
 FR BOUND player_2_payment_2
 FR BOUND player_2_payment_3
ENDATA
