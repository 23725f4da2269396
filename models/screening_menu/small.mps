* Minimise. The .json file beside this one says what every name means.
NAME mechopt
ROWS
 N  cost
 G  one_at_most_0
 G  one_at_most_1
 G  one_at_most_2
 G  one_at_most_3
 E  buyer_quantity_definition_0
 E  buyer_quantity_definition_1
 E  buyer_quantity_definition_2
 E  buyer_quantity_definition_3
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
 G  budget
COLUMNS
 quality_1__0 cost 0.0078125
 quality_1__0 one_at_most_0 -1
 quality_1__0 buyer_quantity_definition_0 -0.25
 quality_1__0 budget -0.0078125
 quality_1__1 cost 0.0078125
 quality_1__1 one_at_most_1 -1
 quality_1__1 buyer_quantity_definition_1 -0.25
 quality_1__1 budget -0.0078125
 quality_1__2 cost 0.0078125
 quality_1__2 one_at_most_2 -1
 quality_1__2 buyer_quantity_definition_2 -0.25
 quality_1__2 budget -0.0078125
 quality_1__3 cost 0.0078125
 quality_1__3 one_at_most_3 -1
 quality_1__3 buyer_quantity_definition_3 -0.25
 quality_1__3 budget -0.0078125
 quality_2__0 cost 0.03125
 quality_2__0 one_at_most_0 -1
 quality_2__0 buyer_quantity_definition_0 -0.5
 quality_2__0 budget -0.03125
 quality_2__1 cost 0.03125
 quality_2__1 one_at_most_1 -1
 quality_2__1 buyer_quantity_definition_1 -0.5
 quality_2__1 budget -0.03125
 quality_2__2 cost 0.03125
 quality_2__2 one_at_most_2 -1
 quality_2__2 buyer_quantity_definition_2 -0.5
 quality_2__2 budget -0.03125
 quality_2__3 cost 0.03125
 quality_2__3 one_at_most_3 -1
 quality_2__3 buyer_quantity_definition_3 -0.5
 quality_2__3 budget -0.03125
 quality_3__0 cost 0.0703125
 quality_3__0 one_at_most_0 -1
 quality_3__0 buyer_quantity_definition_0 -0.75
 quality_3__0 budget -0.0703125
 quality_3__1 cost 0.0703125
 quality_3__1 one_at_most_1 -1
 quality_3__1 buyer_quantity_definition_1 -0.75
 quality_3__1 budget -0.0703125
 quality_3__2 cost 0.0703125
 quality_3__2 one_at_most_2 -1
 quality_3__2 buyer_quantity_definition_2 -0.75
 quality_3__2 budget -0.0703125
 quality_3__3 cost 0.0703125
 quality_3__3 one_at_most_3 -1
 quality_3__3 buyer_quantity_definition_3 -0.75
 quality_3__3 budget -0.0703125
 quality_4__0 cost 0.125
 quality_4__0 one_at_most_0 -1
 quality_4__0 buyer_quantity_definition_0 -1
 quality_4__0 budget -0.125
 quality_4__1 cost 0.125
 quality_4__1 one_at_most_1 -1
 quality_4__1 buyer_quantity_definition_1 -1
 quality_4__1 budget -0.125
 quality_4__2 cost 0.125
 quality_4__2 one_at_most_2 -1
 quality_4__2 buyer_quantity_definition_2 -1
 quality_4__2 budget -0.125
 quality_4__3 cost 0.125
 quality_4__3 one_at_most_3 -1
 quality_4__3 buyer_quantity_definition_3 -1
 quality_4__3 budget -0.125
 buyer_quantity_0 buyer_quantity_definition_0 1
 buyer_quantity_0 buyer_ic_down_0 -1.5
 buyer_quantity_0 buyer_ic_up_0 1.25
 buyer_quantity_0 buyer_monotonicity_0 -1
 buyer_quantity_0 buyer_participation_lower_0 1.25
 buyer_quantity_1 buyer_quantity_definition_1 1
 buyer_quantity_1 buyer_ic_down_0 1.5
 buyer_quantity_1 buyer_ic_down_1 -1.75
 buyer_quantity_1 buyer_ic_up_0 -1.25
 buyer_quantity_1 buyer_ic_up_1 1.5
 buyer_quantity_1 buyer_monotonicity_0 1
 buyer_quantity_1 buyer_monotonicity_1 -1
 buyer_quantity_1 buyer_participation_lower_1 1.5
 buyer_quantity_2 buyer_quantity_definition_2 1
 buyer_quantity_2 buyer_ic_down_1 1.75
 buyer_quantity_2 buyer_ic_down_2 -2
 buyer_quantity_2 buyer_ic_up_1 -1.5
 buyer_quantity_2 buyer_ic_up_2 1.75
 buyer_quantity_2 buyer_monotonicity_1 1
 buyer_quantity_2 buyer_monotonicity_2 -1
 buyer_quantity_2 buyer_participation_lower_2 1.75
 buyer_quantity_3 buyer_quantity_definition_3 1
 buyer_quantity_3 buyer_ic_down_2 2
 buyer_quantity_3 buyer_ic_up_2 -1.75
 buyer_quantity_3 buyer_monotonicity_2 1
 buyer_quantity_3 buyer_participation_lower_3 2
 buyer_payment_0 cost -0.25
 buyer_payment_0 buyer_ic_down_0 1
 buyer_payment_0 buyer_ic_up_0 -1
 buyer_payment_0 buyer_participation_lower_0 -1
 buyer_payment_0 budget 0.25
 buyer_payment_1 cost -0.25
 buyer_payment_1 buyer_ic_down_0 -1
 buyer_payment_1 buyer_ic_down_1 1
 buyer_payment_1 buyer_ic_up_0 1
 buyer_payment_1 buyer_ic_up_1 -1
 buyer_payment_1 buyer_participation_lower_1 -1
 buyer_payment_1 budget 0.25
 buyer_payment_2 cost -0.25
 buyer_payment_2 buyer_ic_down_1 -1
 buyer_payment_2 buyer_ic_down_2 1
 buyer_payment_2 buyer_ic_up_1 1
 buyer_payment_2 buyer_ic_up_2 -1
 buyer_payment_2 buyer_participation_lower_2 -1
 buyer_payment_2 budget 0.25
 buyer_payment_3 cost -0.25
 buyer_payment_3 buyer_ic_down_2 -1
 buyer_payment_3 buyer_ic_up_2 1
 buyer_payment_3 buyer_participation_lower_3 -1
 buyer_payment_3 budget 0.25
RHS
 RHS one_at_most_0 -1
 RHS one_at_most_1 -1
 RHS one_at_most_2 -1
 RHS one_at_most_3 -1
BOUNDS
 UP BOUND quality_1__0 1
 UP BOUND quality_1__1 1
 UP BOUND quality_1__2 1
 UP BOUND quality_1__3 1
 UP BOUND quality_2__0 1
 UP BOUND quality_2__1 1
 UP BOUND quality_2__2 1
 UP BOUND quality_2__3 1
 UP BOUND quality_3__0 1
 UP BOUND quality_3__1 1
 UP BOUND quality_3__2 1
 UP BOUND quality_3__3 1
 UP BOUND quality_4__0 1
 UP BOUND quality_4__1 1
 UP BOUND quality_4__2 1
 UP BOUND quality_4__3 1
 FR BOUND buyer_quantity_0
 FR BOUND buyer_quantity_1
 FR BOUND buyer_quantity_2
 FR BOUND buyer_quantity_3
 FR BOUND buyer_payment_0
 FR BOUND buyer_payment_1
 FR BOUND buyer_payment_2
 FR BOUND buyer_payment_3
ENDATA
