* Minimise. The .json file beside this one says what every name means.
NAME mechopt
ROWS
 N  cost
 E  bidder_1_units_definition_0
 E  bidder_1_units_definition_1
 E  bidder_1_units_of_highest_2
 G  bidder_1_ic_down_0
 G  bidder_1_ic_down_1
 G  bidder_1_ic_up_0
 G  bidder_1_ic_up_1
 G  bidder_1_monotonicity_0
 G  bidder_1_monotonicity_1
 G  bidder_1_participation_lower_0
 G  bidder_1_participation_lower_1
 G  bidder_1_participation_lower_2
 G  budget
COLUMNS
 bidder_1_quantity_0 bidder_1_units_definition_0 -3
 bidder_1_quantity_0 bidder_1_ic_down_0 -2
 bidder_1_quantity_0 bidder_1_ic_up_0 1
 bidder_1_quantity_0 bidder_1_monotonicity_0 -1
 bidder_1_quantity_0 bidder_1_participation_lower_0 1
 bidder_1_quantity_1 bidder_1_units_definition_1 -3
 bidder_1_quantity_1 bidder_1_ic_down_0 2
 bidder_1_quantity_1 bidder_1_ic_down_1 -3
 bidder_1_quantity_1 bidder_1_ic_up_0 -1
 bidder_1_quantity_1 bidder_1_ic_up_1 2
 bidder_1_quantity_1 bidder_1_monotonicity_0 1
 bidder_1_quantity_1 bidder_1_monotonicity_1 -1
 bidder_1_quantity_1 bidder_1_participation_lower_1 2
 bidder_1_quantity_2 bidder_1_units_of_highest_2 -3
 bidder_1_quantity_2 bidder_1_ic_down_1 3
 bidder_1_quantity_2 bidder_1_ic_up_1 -2
 bidder_1_quantity_2 bidder_1_monotonicity_1 1
 bidder_1_quantity_2 bidder_1_participation_lower_2 3
 bidder_1_payment_0 cost -3
 bidder_1_payment_0 bidder_1_ic_down_0 1
 bidder_1_payment_0 bidder_1_ic_up_0 -1
 bidder_1_payment_0 bidder_1_participation_lower_0 -1
 bidder_1_payment_0 budget 3
 bidder_1_payment_1 cost -3
 bidder_1_payment_1 bidder_1_ic_down_0 -1
 bidder_1_payment_1 bidder_1_ic_down_1 1
 bidder_1_payment_1 bidder_1_ic_up_0 1
 bidder_1_payment_1 bidder_1_ic_up_1 -1
 bidder_1_payment_1 bidder_1_participation_lower_1 -1
 bidder_1_payment_1 budget 3
 bidder_1_payment_2 cost -3
 bidder_1_payment_2 bidder_1_ic_down_1 -1
 bidder_1_payment_2 bidder_1_ic_up_1 1
 bidder_1_payment_2 bidder_1_participation_lower_2 -1
 bidder_1_payment_2 budget 3
 bidder_1_units_0 bidder_1_units_definition_0 1
 bidder_1_units_1 bidder_1_units_definition_0 -1
 bidder_1_units_1 bidder_1_units_definition_1 1
 bidder_1_units_2 bidder_1_units_definition_1 -1
 bidder_1_units_2 bidder_1_units_of_highest_2 1
RHS
BOUNDS
 UP BOUND bidder_1_quantity_0 1
 UP BOUND bidder_1_quantity_1 1
 UP BOUND bidder_1_quantity_2 1
 FR BOUND bidder_1_payment_0
 FR BOUND bidder_1_payment_1
 FR BOUND bidder_1_payment_2
 UP BOUND bidder_1_units_0 2
 UP BOUND bidder_1_units_1 1.9989838947314942
 UP BOUND bidder_1_units_2 1.8309200833206318
ENDATA
