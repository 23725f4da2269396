* Minimise. The .json file beside this one says what every name means.
NAME mechopt
ROWS
 N  cost
 E  consumer_1_quantity_definition_0
 E  consumer_1_quantity_definition_1
 E  consumer_1_quantity_definition_2
 E  consumer_1_quantity_definition_3
 E  consumer_1_quantity_definition_4
 E  consumer_2_quantity_definition_0
 E  consumer_2_quantity_definition_1
 E  consumer_2_quantity_definition_2
 E  consumer_2_quantity_definition_3
 E  consumer_2_quantity_definition_4
 G  consumer_1_ic_down_0
 G  consumer_1_ic_down_1
 G  consumer_1_ic_down_2
 G  consumer_1_ic_down_3
 G  consumer_1_ic_up_0
 G  consumer_1_ic_up_1
 G  consumer_1_ic_up_2
 G  consumer_1_ic_up_3
 G  consumer_1_monotonicity_0
 G  consumer_1_monotonicity_1
 G  consumer_1_monotonicity_2
 G  consumer_1_monotonicity_3
 G  consumer_1_participation_lower_0
 G  consumer_1_participation_lower_1
 G  consumer_1_participation_lower_2
 G  consumer_1_participation_lower_3
 G  consumer_1_participation_lower_4
 G  consumer_2_ic_down_0
 G  consumer_2_ic_down_1
 G  consumer_2_ic_down_2
 G  consumer_2_ic_down_3
 G  consumer_2_ic_up_0
 G  consumer_2_ic_up_1
 G  consumer_2_ic_up_2
 G  consumer_2_ic_up_3
 G  consumer_2_monotonicity_0
 G  consumer_2_monotonicity_1
 G  consumer_2_monotonicity_2
 G  consumer_2_monotonicity_3
 G  consumer_2_participation_lower_0
 G  consumer_2_participation_lower_1
 G  consumer_2_participation_lower_2
 G  consumer_2_participation_lower_3
 G  consumer_2_participation_lower_4
 E  budget
COLUMNS
 carried_out_0_0 consumer_1_quantity_definition_0 -0.2
 carried_out_0_0 consumer_2_quantity_definition_0 -0.2
 carried_out_0_0 budget -0.04000000000000001
 carried_out_0_1 consumer_1_quantity_definition_0 -0.2
 carried_out_0_1 consumer_2_quantity_definition_1 -0.2
 carried_out_0_1 budget -0.04000000000000001
 carried_out_0_2 consumer_1_quantity_definition_0 -0.2
 carried_out_0_2 consumer_2_quantity_definition_2 -0.2
 carried_out_0_2 budget -0.04000000000000001
 carried_out_0_3 consumer_1_quantity_definition_0 -0.2
 carried_out_0_3 consumer_2_quantity_definition_3 -0.2
 carried_out_0_3 budget -0.04000000000000001
 carried_out_0_4 consumer_1_quantity_definition_0 -0.2
 carried_out_0_4 consumer_2_quantity_definition_4 -0.2
 carried_out_0_4 budget -0.04000000000000001
 carried_out_1_0 consumer_1_quantity_definition_1 -0.2
 carried_out_1_0 consumer_2_quantity_definition_0 -0.2
 carried_out_1_0 budget -0.04000000000000001
 carried_out_1_1 consumer_1_quantity_definition_1 -0.2
 carried_out_1_1 consumer_2_quantity_definition_1 -0.2
 carried_out_1_1 budget -0.04000000000000001
 carried_out_1_2 consumer_1_quantity_definition_1 -0.2
 carried_out_1_2 consumer_2_quantity_definition_2 -0.2
 carried_out_1_2 budget -0.04000000000000001
 carried_out_1_3 consumer_1_quantity_definition_1 -0.2
 carried_out_1_3 consumer_2_quantity_definition_3 -0.2
 carried_out_1_3 budget -0.04000000000000001
 carried_out_1_4 consumer_1_quantity_definition_1 -0.2
 carried_out_1_4 consumer_2_quantity_definition_4 -0.2
 carried_out_1_4 budget -0.04000000000000001
 carried_out_2_0 consumer_1_quantity_definition_2 -0.2
 carried_out_2_0 consumer_2_quantity_definition_0 -0.2
 carried_out_2_0 budget -0.04000000000000001
 carried_out_2_1 consumer_1_quantity_definition_2 -0.2
 carried_out_2_1 consumer_2_quantity_definition_1 -0.2
 carried_out_2_1 budget -0.04000000000000001
 carried_out_2_2 consumer_1_quantity_definition_2 -0.2
 carried_out_2_2 consumer_2_quantity_definition_2 -0.2
 carried_out_2_2 budget -0.04000000000000001
 carried_out_2_3 consumer_1_quantity_definition_2 -0.2
 carried_out_2_3 consumer_2_quantity_definition_3 -0.2
 carried_out_2_3 budget -0.04000000000000001
 carried_out_2_4 consumer_1_quantity_definition_2 -0.2
 carried_out_2_4 consumer_2_quantity_definition_4 -0.2
 carried_out_2_4 budget -0.04000000000000001
 carried_out_3_0 consumer_1_quantity_definition_3 -0.2
 carried_out_3_0 consumer_2_quantity_definition_0 -0.2
 carried_out_3_0 budget -0.04000000000000001
 carried_out_3_1 consumer_1_quantity_definition_3 -0.2
 carried_out_3_1 consumer_2_quantity_definition_1 -0.2
 carried_out_3_1 budget -0.04000000000000001
 carried_out_3_2 consumer_1_quantity_definition_3 -0.2
 carried_out_3_2 consumer_2_quantity_definition_2 -0.2
 carried_out_3_2 budget -0.04000000000000001
 carried_out_3_3 consumer_1_quantity_definition_3 -0.2
 carried_out_3_3 consumer_2_quantity_definition_3 -0.2
 carried_out_3_3 budget -0.04000000000000001
 carried_out_3_4 consumer_1_quantity_definition_3 -0.2
 carried_out_3_4 consumer_2_quantity_definition_4 -0.2
 carried_out_3_4 budget -0.04000000000000001
 carried_out_4_0 consumer_1_quantity_definition_4 -0.2
 carried_out_4_0 consumer_2_quantity_definition_0 -0.2
 carried_out_4_0 budget -0.04000000000000001
 carried_out_4_1 consumer_1_quantity_definition_4 -0.2
 carried_out_4_1 consumer_2_quantity_definition_1 -0.2
 carried_out_4_1 budget -0.04000000000000001
 carried_out_4_2 consumer_1_quantity_definition_4 -0.2
 carried_out_4_2 consumer_2_quantity_definition_2 -0.2
 carried_out_4_2 budget -0.04000000000000001
 carried_out_4_3 consumer_1_quantity_definition_4 -0.2
 carried_out_4_3 consumer_2_quantity_definition_3 -0.2
 carried_out_4_3 budget -0.04000000000000001
 carried_out_4_4 consumer_1_quantity_definition_4 -0.2
 carried_out_4_4 consumer_2_quantity_definition_4 -0.2
 carried_out_4_4 budget -0.04000000000000001
 consumer_1_quantity_0 cost -0.04000000000000001
 consumer_1_quantity_0 consumer_1_quantity_definition_0 1
 consumer_1_quantity_0 consumer_1_ic_down_0 -0.4
 consumer_1_quantity_0 consumer_1_ic_up_0 0.2
 consumer_1_quantity_0 consumer_1_monotonicity_0 -1
 consumer_1_quantity_0 consumer_1_participation_lower_0 0.2
 consumer_1_quantity_1 cost -0.08000000000000002
 consumer_1_quantity_1 consumer_1_quantity_definition_1 1
 consumer_1_quantity_1 consumer_1_ic_down_0 0.4
 consumer_1_quantity_1 consumer_1_ic_down_1 -0.6
 consumer_1_quantity_1 consumer_1_ic_up_0 -0.2
 consumer_1_quantity_1 consumer_1_ic_up_1 0.4
 consumer_1_quantity_1 consumer_1_monotonicity_0 1
 consumer_1_quantity_1 consumer_1_monotonicity_1 -1
 consumer_1_quantity_1 consumer_1_participation_lower_1 0.4
 consumer_1_quantity_2 cost -0.12
 consumer_1_quantity_2 consumer_1_quantity_definition_2 1
 consumer_1_quantity_2 consumer_1_ic_down_1 0.6
 consumer_1_quantity_2 consumer_1_ic_down_2 -0.8
 consumer_1_quantity_2 consumer_1_ic_up_1 -0.4
 consumer_1_quantity_2 consumer_1_ic_up_2 0.6
 consumer_1_quantity_2 consumer_1_monotonicity_1 1
 consumer_1_quantity_2 consumer_1_monotonicity_2 -1
 consumer_1_quantity_2 consumer_1_participation_lower_2 0.6
 consumer_1_quantity_3 cost -0.16000000000000003
 consumer_1_quantity_3 consumer_1_quantity_definition_3 1
 consumer_1_quantity_3 consumer_1_ic_down_2 0.8
 consumer_1_quantity_3 consumer_1_ic_down_3 -1
 consumer_1_quantity_3 consumer_1_ic_up_2 -0.6
 consumer_1_quantity_3 consumer_1_ic_up_3 0.8
 consumer_1_quantity_3 consumer_1_monotonicity_2 1
 consumer_1_quantity_3 consumer_1_monotonicity_3 -1
 consumer_1_quantity_3 consumer_1_participation_lower_3 0.8
 consumer_1_quantity_4 cost -0.2
 consumer_1_quantity_4 consumer_1_quantity_definition_4 1
 consumer_1_quantity_4 consumer_1_ic_down_3 1
 consumer_1_quantity_4 consumer_1_ic_up_3 -0.8
 consumer_1_quantity_4 consumer_1_monotonicity_3 1
 consumer_1_quantity_4 consumer_1_participation_lower_4 1
 consumer_1_payment_0 cost 0.2
 consumer_1_payment_0 consumer_1_ic_down_0 1
 consumer_1_payment_0 consumer_1_ic_up_0 -1
 consumer_1_payment_0 consumer_1_participation_lower_0 -1
 consumer_1_payment_0 budget 0.2
 consumer_1_payment_1 cost 0.2
 consumer_1_payment_1 consumer_1_ic_down_0 -1
 consumer_1_payment_1 consumer_1_ic_down_1 1
 consumer_1_payment_1 consumer_1_ic_up_0 1
 consumer_1_payment_1 consumer_1_ic_up_1 -1
 consumer_1_payment_1 consumer_1_participation_lower_1 -1
 consumer_1_payment_1 budget 0.2
 consumer_1_payment_2 cost 0.2
 consumer_1_payment_2 consumer_1_ic_down_1 -1
 consumer_1_payment_2 consumer_1_ic_down_2 1
 consumer_1_payment_2 consumer_1_ic_up_1 1
 consumer_1_payment_2 consumer_1_ic_up_2 -1
 consumer_1_payment_2 consumer_1_participation_lower_2 -1
 consumer_1_payment_2 budget 0.2
 consumer_1_payment_3 cost 0.2
 consumer_1_payment_3 consumer_1_ic_down_2 -1
 consumer_1_payment_3 consumer_1_ic_down_3 1
 consumer_1_payment_3 consumer_1_ic_up_2 1
 consumer_1_payment_3 consumer_1_ic_up_3 -1
 consumer_1_payment_3 consumer_1_participation_lower_3 -1
 consumer_1_payment_3 budget 0.2
 consumer_1_payment_4 cost 0.2
 consumer_1_payment_4 consumer_1_ic_down_3 -1
 consumer_1_payment_4 consumer_1_ic_up_3 1
 consumer_1_payment_4 consumer_1_participation_lower_4 -1
 consumer_1_payment_4 budget 0.2
 consumer_2_quantity_0 cost -0.04000000000000001
 consumer_2_quantity_0 consumer_2_quantity_definition_0 1
 consumer_2_quantity_0 consumer_2_ic_down_0 -0.4
 consumer_2_quantity_0 consumer_2_ic_up_0 0.2
 consumer_2_quantity_0 consumer_2_monotonicity_0 -1
 consumer_2_quantity_0 consumer_2_participation_lower_0 0.2
 consumer_2_quantity_1 cost -0.08000000000000002
 consumer_2_quantity_1 consumer_2_quantity_definition_1 1
 consumer_2_quantity_1 consumer_2_ic_down_0 0.4
 consumer_2_quantity_1 consumer_2_ic_down_1 -0.6
 consumer_2_quantity_1 consumer_2_ic_up_0 -0.2
 consumer_2_quantity_1 consumer_2_ic_up_1 0.4
 consumer_2_quantity_1 consumer_2_monotonicity_0 1
 consumer_2_quantity_1 consumer_2_monotonicity_1 -1
 consumer_2_quantity_1 consumer_2_participation_lower_1 0.4
 consumer_2_quantity_2 cost -0.12
 consumer_2_quantity_2 consumer_2_quantity_definition_2 1
 consumer_2_quantity_2 consumer_2_ic_down_1 0.6
 consumer_2_quantity_2 consumer_2_ic_down_2 -0.8
 consumer_2_quantity_2 consumer_2_ic_up_1 -0.4
 consumer_2_quantity_2 consumer_2_ic_up_2 0.6
 consumer_2_quantity_2 consumer_2_monotonicity_1 1
 consumer_2_quantity_2 consumer_2_monotonicity_2 -1
 consumer_2_quantity_2 consumer_2_participation_lower_2 0.6
 consumer_2_quantity_3 cost -0.16000000000000003
 consumer_2_quantity_3 consumer_2_quantity_definition_3 1
 consumer_2_quantity_3 consumer_2_ic_down_2 0.8
 consumer_2_quantity_3 consumer_2_ic_down_3 -1
 consumer_2_quantity_3 consumer_2_ic_up_2 -0.6
 consumer_2_quantity_3 consumer_2_ic_up_3 0.8
 consumer_2_quantity_3 consumer_2_monotonicity_2 1
 consumer_2_quantity_3 consumer_2_monotonicity_3 -1
 consumer_2_quantity_3 consumer_2_participation_lower_3 0.8
 consumer_2_quantity_4 cost -0.2
 consumer_2_quantity_4 consumer_2_quantity_definition_4 1
 consumer_2_quantity_4 consumer_2_ic_down_3 1
 consumer_2_quantity_4 consumer_2_ic_up_3 -0.8
 consumer_2_quantity_4 consumer_2_monotonicity_3 1
 consumer_2_quantity_4 consumer_2_participation_lower_4 1
 consumer_2_payment_0 cost 0.2
 consumer_2_payment_0 consumer_2_ic_down_0 1
 consumer_2_payment_0 consumer_2_ic_up_0 -1
 consumer_2_payment_0 consumer_2_participation_lower_0 -1
 consumer_2_payment_0 budget 0.2
 consumer_2_payment_1 cost 0.2
 consumer_2_payment_1 consumer_2_ic_down_0 -1
 consumer_2_payment_1 consumer_2_ic_down_1 1
 consumer_2_payment_1 consumer_2_ic_up_0 1
 consumer_2_payment_1 consumer_2_ic_up_1 -1
 consumer_2_payment_1 consumer_2_participation_lower_1 -1
 consumer_2_payment_1 budget 0.2
 consumer_2_payment_2 cost 0.2
 consumer_2_payment_2 consumer_2_ic_down_1 -1
 consumer_2_payment_2 consumer_2_ic_down_2 1
 consumer_2_payment_2 consumer_2_ic_up_1 1
 consumer_2_payment_2 consumer_2_ic_up_2 -1
 consumer_2_payment_2 consumer_2_participation_lower_2 -1
 consumer_2_payment_2 budget 0.2
 consumer_2_payment_3 cost 0.2
 consumer_2_payment_3 consumer_2_ic_down_2 -1
 consumer_2_payment_3 consumer_2_ic_down_3 1
 consumer_2_payment_3 consumer_2_ic_up_2 1
 consumer_2_payment_3 consumer_2_ic_up_3 -1
 consumer_2_payment_3 consumer_2_participation_lower_3 -1
 consumer_2_payment_3 budget 0.2
 consumer_2_payment_4 cost 0.2
 consumer_2_payment_4 consumer_2_ic_down_3 -1
 consumer_2_payment_4 consumer_2_ic_up_3 1
 consumer_2_payment_4 consumer_2_participation_lower_4 -1
 consumer_2_payment_4 budget 0.2
RHS
BOUNDS
 UP BOUND carried_out_0_0 1
 UP BOUND carried_out_0_1 1
 UP BOUND carried_out_0_2 1
 UP BOUND carried_out_0_3 1
 UP BOUND carried_out_0_4 1
 UP BOUND carried_out_1_0 1
 UP BOUND carried_out_1_1 1
 UP BOUND carried_out_1_2 1
 UP BOUND carried_out_1_3 1
 UP BOUND carried_out_1_4 1
 UP BOUND carried_out_2_0 1
 UP BOUND carried_out_2_1 1
 UP BOUND carried_out_2_2 1
 UP BOUND carried_out_2_3 1
 UP BOUND carried_out_2_4 1
 UP BOUND carried_out_3_0 1
 UP BOUND carried_out_3_1 1
 UP BOUND carried_out_3_2 1
 UP BOUND carried_out_3_3 1
 UP BOUND carried_out_3_4 1
 UP BOUND carried_out_4_0 1
 UP BOUND carried_out_4_1 1
 UP BOUND carried_out_4_2 1
 UP BOUND carried_out_4_3 1
 UP BOUND carried_out_4_4 1
 FR BOUND consumer_1_quantity_0
 FR BOUND consumer_1_quantity_1
 FR BOUND consumer_1_quantity_2
 FR BOUND consumer_1_quantity_3
 FR BOUND consumer_1_quantity_4
 FR BOUND consumer_1_payment_0
 FR BOUND consumer_1_payment_1
 FR BOUND consumer_1_payment_2
 FR BOUND consumer_1_payment_3
 FR BOUND consumer_1_payment_4
 FR BOUND consumer_2_quantity_0
 FR BOUND consumer_2_quantity_1
 FR BOUND consumer_2_quantity_2
 FR BOUND consumer_2_quantity_3
 FR BOUND consumer_2_quantity_4
 FR BOUND consumer_2_payment_0
 FR BOUND consumer_2_payment_1
 FR BOUND consumer_2_payment_2
 FR BOUND consumer_2_payment_3
 FR BOUND consumer_2_payment_4
ENDATA
