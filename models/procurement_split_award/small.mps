* Minimise. The .json file beside this one says what every name means.
NAME mechopt
ROWS
 N  cost
 G  one_amount_0_0
 G  one_amount_0_1
 G  one_amount_0_2
 G  one_amount_0_3
 G  one_amount_1_0
 G  one_amount_1_1
 G  one_amount_1_2
 G  one_amount_1_3
 G  one_amount_2_0
 G  one_amount_2_1
 G  one_amount_2_2
 G  one_amount_2_3
 G  one_amount_3_0
 G  one_amount_3_1
 G  one_amount_3_2
 G  one_amount_3_3
 G  delivered_0_0
 G  delivered_0_1
 G  delivered_0_2
 G  delivered_0_3
 G  delivered_1_0
 G  delivered_1_1
 G  delivered_1_2
 G  delivered_1_3
 G  delivered_2_0
 G  delivered_2_1
 G  delivered_2_2
 G  delivered_2_3
 G  delivered_3_0
 G  delivered_3_1
 G  delivered_3_2
 G  delivered_3_3
 E  supplier_1_quantity_definition_0
 E  supplier_1_quantity_definition_1
 E  supplier_1_quantity_definition_2
 E  supplier_1_quantity_definition_3
 E  supplier_2_quantity_definition_0
 E  supplier_2_quantity_definition_1
 E  supplier_2_quantity_definition_2
 E  supplier_2_quantity_definition_3
 G  supplier_1_ic_down_0
 G  supplier_1_ic_down_1
 G  supplier_1_ic_down_2
 G  supplier_1_ic_up_0
 G  supplier_1_ic_up_1
 G  supplier_1_ic_up_2
 G  supplier_1_monotonicity_0
 G  supplier_1_monotonicity_1
 G  supplier_1_monotonicity_2
 G  supplier_1_participation_lower_0
 G  supplier_1_participation_lower_1
 G  supplier_1_participation_lower_2
 G  supplier_1_participation_lower_3
 G  supplier_2_ic_down_0
 G  supplier_2_ic_down_1
 G  supplier_2_ic_down_2
 G  supplier_2_ic_up_0
 G  supplier_2_ic_up_1
 G  supplier_2_ic_up_2
 G  supplier_2_monotonicity_0
 G  supplier_2_monotonicity_1
 G  supplier_2_monotonicity_2
 G  supplier_2_participation_lower_0
 G  supplier_2_participation_lower_1
 G  supplier_2_participation_lower_2
 G  supplier_2_participation_lower_3
COLUMNS
 supply_1__0_0 delivered_0_0 2
 supply_1__0_0 supplier_1_quantity_definition_0 0.5
 supply_1__0_1 delivered_0_1 2
 supply_1__0_1 supplier_1_quantity_definition_0 0.5
 supply_1__0_2 delivered_0_2 2
 supply_1__0_2 supplier_1_quantity_definition_0 0.5
 supply_1__0_3 delivered_0_3 2
 supply_1__0_3 supplier_1_quantity_definition_0 0.5
 supply_1__1_0 delivered_1_0 2
 supply_1__1_0 supplier_1_quantity_definition_1 0.5
 supply_1__1_1 delivered_1_1 2
 supply_1__1_1 supplier_1_quantity_definition_1 0.5
 supply_1__1_2 delivered_1_2 2
 supply_1__1_2 supplier_1_quantity_definition_1 0.5
 supply_1__1_3 delivered_1_3 2
 supply_1__1_3 supplier_1_quantity_definition_1 0.5
 supply_1__2_0 delivered_2_0 2
 supply_1__2_0 supplier_1_quantity_definition_2 0.5
 supply_1__2_1 delivered_2_1 2
 supply_1__2_1 supplier_1_quantity_definition_2 0.5
 supply_1__2_2 delivered_2_2 2
 supply_1__2_2 supplier_1_quantity_definition_2 0.5
 supply_1__2_3 delivered_2_3 2
 supply_1__2_3 supplier_1_quantity_definition_2 0.5
 supply_1__3_0 delivered_3_0 2
 supply_1__3_0 supplier_1_quantity_definition_3 0.5
 supply_1__3_1 delivered_3_1 2
 supply_1__3_1 supplier_1_quantity_definition_3 0.5
 supply_1__3_2 delivered_3_2 2
 supply_1__3_2 supplier_1_quantity_definition_3 0.5
 supply_1__3_3 delivered_3_3 2
 supply_1__3_3 supplier_1_quantity_definition_3 0.5
 supply_2__0_0 delivered_0_0 2
 supply_2__0_0 supplier_2_quantity_definition_0 0.5
 supply_2__0_1 delivered_0_1 2
 supply_2__0_1 supplier_2_quantity_definition_1 0.5
 supply_2__0_2 delivered_0_2 2
 supply_2__0_2 supplier_2_quantity_definition_2 0.5
 supply_2__0_3 delivered_0_3 2
 supply_2__0_3 supplier_2_quantity_definition_3 0.5
 supply_2__1_0 delivered_1_0 2
 supply_2__1_0 supplier_2_quantity_definition_0 0.5
 supply_2__1_1 delivered_1_1 2
 supply_2__1_1 supplier_2_quantity_definition_1 0.5
 supply_2__1_2 delivered_1_2 2
 supply_2__1_2 supplier_2_quantity_definition_2 0.5
 supply_2__1_3 delivered_1_3 2
 supply_2__1_3 supplier_2_quantity_definition_3 0.5
 supply_2__2_0 delivered_2_0 2
 supply_2__2_0 supplier_2_quantity_definition_0 0.5
 supply_2__2_1 delivered_2_1 2
 supply_2__2_1 supplier_2_quantity_definition_1 0.5
 supply_2__2_2 delivered_2_2 2
 supply_2__2_2 supplier_2_quantity_definition_2 0.5
 supply_2__2_3 delivered_2_3 2
 supply_2__2_3 supplier_2_quantity_definition_3 0.5
 supply_2__3_0 delivered_3_0 2
 supply_2__3_0 supplier_2_quantity_definition_0 0.5
 supply_2__3_1 delivered_3_1 2
 supply_2__3_1 supplier_2_quantity_definition_1 0.5
 supply_2__3_2 delivered_3_2 2
 supply_2__3_2 supplier_2_quantity_definition_2 0.5
 supply_2__3_3 delivered_3_3 2
 supply_2__3_3 supplier_2_quantity_definition_3 0.5
 amount_1__0_0 cost -0.125
 amount_1__0_0 one_amount_0_0 -1
 amount_1__0_0 delivered_0_0 -1
 amount_1__0_1 cost -0.125
 amount_1__0_1 one_amount_0_1 -1
 amount_1__0_1 delivered_0_1 -1
 amount_1__0_2 cost -0.125
 amount_1__0_2 one_amount_0_2 -1
 amount_1__0_2 delivered_0_2 -1
 amount_1__0_3 cost -0.125
 amount_1__0_3 one_amount_0_3 -1
 amount_1__0_3 delivered_0_3 -1
 amount_1__1_0 cost -0.125
 amount_1__1_0 one_amount_1_0 -1
 amount_1__1_0 delivered_1_0 -1
 amount_1__1_1 cost -0.125
 amount_1__1_1 one_amount_1_1 -1
 amount_1__1_1 delivered_1_1 -1
 amount_1__1_2 cost -0.125
 amount_1__1_2 one_amount_1_2 -1
 amount_1__1_2 delivered_1_2 -1
 amount_1__1_3 cost -0.125
 amount_1__1_3 one_amount_1_3 -1
 amount_1__1_3 delivered_1_3 -1
 amount_1__2_0 cost -0.125
 amount_1__2_0 one_amount_2_0 -1
 amount_1__2_0 delivered_2_0 -1
 amount_1__2_1 cost -0.125
 amount_1__2_1 one_amount_2_1 -1
 amount_1__2_1 delivered_2_1 -1
 amount_1__2_2 cost -0.125
 amount_1__2_2 one_amount_2_2 -1
 amount_1__2_2 delivered_2_2 -1
 amount_1__2_3 cost -0.125
 amount_1__2_3 one_amount_2_3 -1
 amount_1__2_3 delivered_2_3 -1
 amount_1__3_0 cost -0.125
 amount_1__3_0 one_amount_3_0 -1
 amount_1__3_0 delivered_3_0 -1
 amount_1__3_1 cost -0.125
 amount_1__3_1 one_amount_3_1 -1
 amount_1__3_1 delivered_3_1 -1
 amount_1__3_2 cost -0.125
 amount_1__3_2 one_amount_3_2 -1
 amount_1__3_2 delivered_3_2 -1
 amount_1__3_3 cost -0.125
 amount_1__3_3 one_amount_3_3 -1
 amount_1__3_3 delivered_3_3 -1
 amount_2__0_0 cost -0.1875
 amount_2__0_0 one_amount_0_0 -1
 amount_2__0_0 delivered_0_0 -2
 amount_2__0_1 cost -0.1875
 amount_2__0_1 one_amount_0_1 -1
 amount_2__0_1 delivered_0_1 -2
 amount_2__0_2 cost -0.1875
 amount_2__0_2 one_amount_0_2 -1
 amount_2__0_2 delivered_0_2 -2
 amount_2__0_3 cost -0.1875
 amount_2__0_3 one_amount_0_3 -1
 amount_2__0_3 delivered_0_3 -2
 amount_2__1_0 cost -0.1875
 amount_2__1_0 one_amount_1_0 -1
 amount_2__1_0 delivered_1_0 -2
 amount_2__1_1 cost -0.1875
 amount_2__1_1 one_amount_1_1 -1
 amount_2__1_1 delivered_1_1 -2
 amount_2__1_2 cost -0.1875
 amount_2__1_2 one_amount_1_2 -1
 amount_2__1_2 delivered_1_2 -2
 amount_2__1_3 cost -0.1875
 amount_2__1_3 one_amount_1_3 -1
 amount_2__1_3 delivered_1_3 -2
 amount_2__2_0 cost -0.1875
 amount_2__2_0 one_amount_2_0 -1
 amount_2__2_0 delivered_2_0 -2
 amount_2__2_1 cost -0.1875
 amount_2__2_1 one_amount_2_1 -1
 amount_2__2_1 delivered_2_1 -2
 amount_2__2_2 cost -0.1875
 amount_2__2_2 one_amount_2_2 -1
 amount_2__2_2 delivered_2_2 -2
 amount_2__2_3 cost -0.1875
 amount_2__2_3 one_amount_2_3 -1
 amount_2__2_3 delivered_2_3 -2
 amount_2__3_0 cost -0.1875
 amount_2__3_0 one_amount_3_0 -1
 amount_2__3_0 delivered_3_0 -2
 amount_2__3_1 cost -0.1875
 amount_2__3_1 one_amount_3_1 -1
 amount_2__3_1 delivered_3_1 -2
 amount_2__3_2 cost -0.1875
 amount_2__3_2 one_amount_3_2 -1
 amount_2__3_2 delivered_3_2 -2
 amount_2__3_3 cost -0.1875
 amount_2__3_3 one_amount_3_3 -1
 amount_2__3_3 delivered_3_3 -2
 supplier_1_quantity_0 cost -0.03125
 supplier_1_quantity_0 supplier_1_quantity_definition_0 1
 supplier_1_quantity_0 supplier_1_ic_down_0 -0.5
 supplier_1_quantity_0 supplier_1_ic_up_0 0.25
 supplier_1_quantity_0 supplier_1_monotonicity_0 -1
 supplier_1_quantity_0 supplier_1_participation_lower_0 0.25
 supplier_1_quantity_1 cost -0.0625
 supplier_1_quantity_1 supplier_1_quantity_definition_1 1
 supplier_1_quantity_1 supplier_1_ic_down_0 0.5
 supplier_1_quantity_1 supplier_1_ic_down_1 -0.75
 supplier_1_quantity_1 supplier_1_ic_up_0 -0.25
 supplier_1_quantity_1 supplier_1_ic_up_1 0.5
 supplier_1_quantity_1 supplier_1_monotonicity_0 1
 supplier_1_quantity_1 supplier_1_monotonicity_1 -1
 supplier_1_quantity_1 supplier_1_participation_lower_1 0.5
 supplier_1_quantity_2 cost -0.09375
 supplier_1_quantity_2 supplier_1_quantity_definition_2 1
 supplier_1_quantity_2 supplier_1_ic_down_1 0.75
 supplier_1_quantity_2 supplier_1_ic_down_2 -1
 supplier_1_quantity_2 supplier_1_ic_up_1 -0.5
 supplier_1_quantity_2 supplier_1_ic_up_2 0.75
 supplier_1_quantity_2 supplier_1_monotonicity_1 1
 supplier_1_quantity_2 supplier_1_monotonicity_2 -1
 supplier_1_quantity_2 supplier_1_participation_lower_2 0.75
 supplier_1_quantity_3 cost -0.125
 supplier_1_quantity_3 supplier_1_quantity_definition_3 1
 supplier_1_quantity_3 supplier_1_ic_down_2 1
 supplier_1_quantity_3 supplier_1_ic_up_2 -0.75
 supplier_1_quantity_3 supplier_1_monotonicity_2 1
 supplier_1_quantity_3 supplier_1_participation_lower_3 1
 supplier_1_payment_0 cost -0.125
 supplier_1_payment_0 supplier_1_ic_down_0 1
 supplier_1_payment_0 supplier_1_ic_up_0 -1
 supplier_1_payment_0 supplier_1_participation_lower_0 -1
 supplier_1_payment_1 cost -0.125
 supplier_1_payment_1 supplier_1_ic_down_0 -1
 supplier_1_payment_1 supplier_1_ic_down_1 1
 supplier_1_payment_1 supplier_1_ic_up_0 1
 supplier_1_payment_1 supplier_1_ic_up_1 -1
 supplier_1_payment_1 supplier_1_participation_lower_1 -1
 supplier_1_payment_2 cost -0.125
 supplier_1_payment_2 supplier_1_ic_down_1 -1
 supplier_1_payment_2 supplier_1_ic_down_2 1
 supplier_1_payment_2 supplier_1_ic_up_1 1
 supplier_1_payment_2 supplier_1_ic_up_2 -1
 supplier_1_payment_2 supplier_1_participation_lower_2 -1
 supplier_1_payment_3 cost -0.125
 supplier_1_payment_3 supplier_1_ic_down_2 -1
 supplier_1_payment_3 supplier_1_ic_up_2 1
 supplier_1_payment_3 supplier_1_participation_lower_3 -1
 supplier_2_quantity_0 cost -0.03125
 supplier_2_quantity_0 supplier_2_quantity_definition_0 1
 supplier_2_quantity_0 supplier_2_ic_down_0 -0.5
 supplier_2_quantity_0 supplier_2_ic_up_0 0.25
 supplier_2_quantity_0 supplier_2_monotonicity_0 -1
 supplier_2_quantity_0 supplier_2_participation_lower_0 0.25
 supplier_2_quantity_1 cost -0.0625
 supplier_2_quantity_1 supplier_2_quantity_definition_1 1
 supplier_2_quantity_1 supplier_2_ic_down_0 0.5
 supplier_2_quantity_1 supplier_2_ic_down_1 -0.75
 supplier_2_quantity_1 supplier_2_ic_up_0 -0.25
 supplier_2_quantity_1 supplier_2_ic_up_1 0.5
 supplier_2_quantity_1 supplier_2_monotonicity_0 1
 supplier_2_quantity_1 supplier_2_monotonicity_1 -1
 supplier_2_quantity_1 supplier_2_participation_lower_1 0.5
 supplier_2_quantity_2 cost -0.09375
 supplier_2_quantity_2 supplier_2_quantity_definition_2 1
 supplier_2_quantity_2 supplier_2_ic_down_1 0.75
 supplier_2_quantity_2 supplier_2_ic_down_2 -1
 supplier_2_quantity_2 supplier_2_ic_up_1 -0.5
 supplier_2_quantity_2 supplier_2_ic_up_2 0.75
 supplier_2_quantity_2 supplier_2_monotonicity_1 1
 supplier_2_quantity_2 supplier_2_monotonicity_2 -1
 supplier_2_quantity_2 supplier_2_participation_lower_2 0.75
 supplier_2_quantity_3 cost -0.125
 supplier_2_quantity_3 supplier_2_quantity_definition_3 1
 supplier_2_quantity_3 supplier_2_ic_down_2 1
 supplier_2_quantity_3 supplier_2_ic_up_2 -0.75
 supplier_2_quantity_3 supplier_2_monotonicity_2 1
 supplier_2_quantity_3 supplier_2_participation_lower_3 1
 supplier_2_payment_0 cost -0.125
 supplier_2_payment_0 supplier_2_ic_down_0 1
 supplier_2_payment_0 supplier_2_ic_up_0 -1
 supplier_2_payment_0 supplier_2_participation_lower_0 -1
 supplier_2_payment_1 cost -0.125
 supplier_2_payment_1 supplier_2_ic_down_0 -1
 supplier_2_payment_1 supplier_2_ic_down_1 1
 supplier_2_payment_1 supplier_2_ic_up_0 1
 supplier_2_payment_1 supplier_2_ic_up_1 -1
 supplier_2_payment_1 supplier_2_participation_lower_1 -1
 supplier_2_payment_2 cost -0.125
 supplier_2_payment_2 supplier_2_ic_down_1 -1
 supplier_2_payment_2 supplier_2_ic_down_2 1
 supplier_2_payment_2 supplier_2_ic_up_1 1
 supplier_2_payment_2 supplier_2_ic_up_2 -1
 supplier_2_payment_2 supplier_2_participation_lower_2 -1
 supplier_2_payment_3 cost -0.125
 supplier_2_payment_3 supplier_2_ic_down_2 -1
 supplier_2_payment_3 supplier_2_ic_up_2 1
 supplier_2_payment_3 supplier_2_participation_lower_3 -1
RHS
 RHS one_amount_0_0 -1
 RHS one_amount_0_1 -1
 RHS one_amount_0_2 -1
 RHS one_amount_0_3 -1
 RHS one_amount_1_0 -1
 RHS one_amount_1_1 -1
 RHS one_amount_1_2 -1
 RHS one_amount_1_3 -1
 RHS one_amount_2_0 -1
 RHS one_amount_2_1 -1
 RHS one_amount_2_2 -1
 RHS one_amount_2_3 -1
 RHS one_amount_3_0 -1
 RHS one_amount_3_1 -1
 RHS one_amount_3_2 -1
 RHS one_amount_3_3 -1
BOUNDS
 UP BOUND supply_1__0_0 1
 UP BOUND supply_1__0_1 1
 UP BOUND supply_1__0_2 1
 UP BOUND supply_1__0_3 1
 UP BOUND supply_1__1_0 1
 UP BOUND supply_1__1_1 1
 UP BOUND supply_1__1_2 1
 UP BOUND supply_1__1_3 1
 UP BOUND supply_1__2_0 1
 UP BOUND supply_1__2_1 1
 UP BOUND supply_1__2_2 1
 UP BOUND supply_1__2_3 1
 UP BOUND supply_1__3_0 1
 UP BOUND supply_1__3_1 1
 UP BOUND supply_1__3_2 1
 UP BOUND supply_1__3_3 1
 UP BOUND supply_2__0_0 1
 UP BOUND supply_2__0_1 1
 UP BOUND supply_2__0_2 1
 UP BOUND supply_2__0_3 1
 UP BOUND supply_2__1_0 1
 UP BOUND supply_2__1_1 1
 UP BOUND supply_2__1_2 1
 UP BOUND supply_2__1_3 1
 UP BOUND supply_2__2_0 1
 UP BOUND supply_2__2_1 1
 UP BOUND supply_2__2_2 1
 UP BOUND supply_2__2_3 1
 UP BOUND supply_2__3_0 1
 UP BOUND supply_2__3_1 1
 UP BOUND supply_2__3_2 1
 UP BOUND supply_2__3_3 1
 UP BOUND amount_1__0_0 1
 UP BOUND amount_1__0_1 1
 UP BOUND amount_1__0_2 1
 UP BOUND amount_1__0_3 1
 UP BOUND amount_1__1_0 1
 UP BOUND amount_1__1_1 1
 UP BOUND amount_1__1_2 1
 UP BOUND amount_1__1_3 1
 UP BOUND amount_1__2_0 1
 UP BOUND amount_1__2_1 1
 UP BOUND amount_1__2_2 1
 UP BOUND amount_1__2_3 1
 UP BOUND amount_1__3_0 1
 UP BOUND amount_1__3_1 1
 UP BOUND amount_1__3_2 1
 UP BOUND amount_1__3_3 1
 UP BOUND amount_2__0_0 1
 UP BOUND amount_2__0_1 1
 UP BOUND amount_2__0_2 1
 UP BOUND amount_2__0_3 1
 UP BOUND amount_2__1_0 1
 UP BOUND amount_2__1_1 1
 UP BOUND amount_2__1_2 1
 UP BOUND amount_2__1_3 1
 UP BOUND amount_2__2_0 1
 UP BOUND amount_2__2_1 1
 UP BOUND amount_2__2_2 1
 UP BOUND amount_2__2_3 1
 UP BOUND amount_2__3_0 1
 UP BOUND amount_2__3_1 1
 UP BOUND amount_2__3_2 1
 UP BOUND amount_2__3_3 1
 FR BOUND supplier_1_quantity_0
 FR BOUND supplier_1_quantity_1
 FR BOUND supplier_1_quantity_2
 FR BOUND supplier_1_quantity_3
 FR BOUND supplier_1_payment_0
 FR BOUND supplier_1_payment_1
 FR BOUND supplier_1_payment_2
 FR BOUND supplier_1_payment_3
 FR BOUND supplier_2_quantity_0
 FR BOUND supplier_2_quantity_1
 FR BOUND supplier_2_quantity_2
 FR BOUND supplier_2_quantity_3
 FR BOUND supplier_2_payment_0
 FR BOUND supplier_2_payment_1
 FR BOUND supplier_2_payment_2
 FR BOUND supplier_2_payment_3
ENDATA
