* Minimise. The .json file beside this one says what every name means.
NAME mechopt
ROWS
 N  cost
 G  one_good_0_0
 G  one_good_0_1
 G  one_good_1_0
 G  one_good_1_1
 E  player_1_quantity_definition_0
 E  player_1_quantity_definition_1
 E  player_2_quantity_definition_0
 E  player_2_quantity_definition_1
 G  player_1_ic_down_0
 G  player_1_ic_up_0
 G  player_1_monotonicity_0
 G  player_1_participation_lower_0
 G  player_1_participation_lower_1
 G  player_2_ic_down_0
 G  player_2_ic_up_0
 G  player_2_monotonicity_0
 G  player_2_participation_lower_0
 G  player_2_participation_lower_1
 G  budget
COLUMNS
 good_to_1__0_0 one_good_0_0 -1
 good_to_1__0_0 player_1_quantity_definition_0 -0.5
 good_to_1__0_1 one_good_0_1 -1
 good_to_1__0_1 player_1_quantity_definition_0 -0.5
 good_to_1__1_0 one_good_1_0 -1
 good_to_1__1_0 player_1_quantity_definition_1 -0.5
 good_to_1__1_1 one_good_1_1 -1
 good_to_1__1_1 player_1_quantity_definition_1 -0.5
 good_to_2__0_0 one_good_0_0 -1
 good_to_2__0_0 player_2_quantity_definition_0 -0.5
 good_to_2__0_1 one_good_0_1 -1
 good_to_2__0_1 player_2_quantity_definition_1 -0.5
 good_to_2__1_0 one_good_1_0 -1
 good_to_2__1_0 player_2_quantity_definition_0 -0.5
 good_to_2__1_1 one_good_1_1 -1
 good_to_2__1_1 player_2_quantity_definition_1 -0.5
 player_1_quantity_0 player_1_quantity_definition_0 1
 player_1_quantity_0 player_1_ic_down_0 -2
 player_1_quantity_0 player_1_monotonicity_0 -1
 player_1_quantity_1 cost -1
 player_1_quantity_1 player_1_quantity_definition_1 1
 player_1_quantity_1 player_1_ic_down_0 2
 player_1_quantity_1 player_1_monotonicity_0 1
 player_1_quantity_1 player_1_participation_lower_1 2
 player_1_payment_0 cost 0.5
 player_1_payment_0 player_1_ic_down_0 1
 player_1_payment_0 player_1_ic_up_0 -1
 player_1_payment_0 player_1_participation_lower_0 -1
 player_1_payment_0 budget 0.5
 player_1_payment_1 cost 0.5
 player_1_payment_1 player_1_ic_down_0 -1
 player_1_payment_1 player_1_ic_up_0 1
 player_1_payment_1 player_1_participation_lower_1 -1
 player_1_payment_1 budget 0.5
 player_2_quantity_0 player_2_quantity_definition_0 1
 player_2_quantity_0 player_2_ic_down_0 -3
 player_2_quantity_0 player_2_ic_up_0 1
 player_2_quantity_0 player_2_monotonicity_0 -1
 player_2_quantity_0 player_2_participation_lower_0 1
 player_2_quantity_1 player_2_quantity_definition_1 1
 player_2_quantity_1 player_2_ic_down_0 3
 player_2_quantity_1 player_2_ic_up_0 -1
 player_2_quantity_1 player_2_monotonicity_0 1
 player_2_quantity_1 player_2_participation_lower_1 3
 player_2_payment_0 player_2_ic_down_0 1
 player_2_payment_0 player_2_ic_up_0 -1
 player_2_payment_0 player_2_participation_lower_0 -1
 player_2_payment_0 budget 0.5
 player_2_payment_1 player_2_ic_down_0 -1
 player_2_payment_1 player_2_ic_up_0 1
 player_2_payment_1 player_2_participation_lower_1 -1
 player_2_payment_1 budget 0.5
RHS
 RHS one_good_0_0 -1
 RHS one_good_0_1 -1
 RHS one_good_1_0 -1
 RHS one_good_1_1 -1
 RHS player_1_participation_lower_0 0.75
 RHS player_1_participation_lower_1 1.25
 RHS player_2_participation_lower_0 0.75
 RHS player_2_participation_lower_1 1.5
BOUNDS
 UP BOUND good_to_1__0_0 1
 UP BOUND good_to_1__0_1 1
 UP BOUND good_to_1__1_0 1
 UP BOUND good_to_1__1_1 1
 UP BOUND good_to_2__0_0 1
 UP BOUND good_to_2__0_1 1
 UP BOUND good_to_2__1_0 1
 UP BOUND good_to_2__1_1 1
 FR BOUND player_1_quantity_0
 FR BOUND player_1_quantity_1
 FR BOUND player_1_payment_0
 FR BOUND player_1_payment_1
 FR BOUND player_2_quantity_0
 FR BOUND player_2_quantity_1
 FR BOUND player_2_payment_0
 FR BOUND player_2_payment_1
ENDATA
