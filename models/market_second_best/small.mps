* Minimise. The .json file beside this one says what every name means.
NAME mechopt
ROWS
 N  cost
 G  bought_is_sold_0_0_0_0
 G  bought_is_sold_0_0_0_1
 G  bought_is_sold_0_0_1_0
 G  bought_is_sold_0_0_1_1
 G  bought_is_sold_0_1_0_0
 G  bought_is_sold_0_1_0_1
 G  bought_is_sold_0_1_1_0
 G  bought_is_sold_0_1_1_1
 G  bought_is_sold_1_0_0_0
 G  bought_is_sold_1_0_0_1
 G  bought_is_sold_1_0_1_0
 G  bought_is_sold_1_0_1_1
 G  bought_is_sold_1_1_0_0
 G  bought_is_sold_1_1_0_1
 G  bought_is_sold_1_1_1_0
 G  bought_is_sold_1_1_1_1
 G  sold_is_bought_0_0_0_0
 G  sold_is_bought_0_0_0_1
 G  sold_is_bought_0_0_1_0
 G  sold_is_bought_0_0_1_1
 G  sold_is_bought_0_1_0_0
 G  sold_is_bought_0_1_0_1
 G  sold_is_bought_0_1_1_0
 G  sold_is_bought_0_1_1_1
 G  sold_is_bought_1_0_0_0
 G  sold_is_bought_1_0_0_1
 G  sold_is_bought_1_0_1_0
 G  sold_is_bought_1_0_1_1
 G  sold_is_bought_1_1_0_0
 G  sold_is_bought_1_1_0_1
 G  sold_is_bought_1_1_1_0
 G  sold_is_bought_1_1_1_1
 E  seller_1_quantity_definition_0
 E  seller_1_quantity_definition_1
 E  seller_2_quantity_definition_0
 E  seller_2_quantity_definition_1
 E  buyer_1_quantity_definition_0
 E  buyer_1_quantity_definition_1
 E  buyer_2_quantity_definition_0
 E  buyer_2_quantity_definition_1
 G  seller_1_ic_down_0
 G  seller_1_ic_up_0
 G  seller_1_monotonicity_0
 G  seller_1_participation_lower_0
 G  seller_1_participation_lower_1
 G  seller_2_ic_down_0
 G  seller_2_ic_up_0
 G  seller_2_monotonicity_0
 G  seller_2_participation_lower_0
 G  seller_2_participation_lower_1
 G  buyer_1_ic_down_0
 G  buyer_1_ic_up_0
 G  buyer_1_monotonicity_0
 G  buyer_1_participation_lower_0
 G  buyer_1_participation_lower_1
 G  buyer_2_ic_down_0
 G  buyer_2_ic_up_0
 G  buyer_2_monotonicity_0
 G  buyer_2_participation_lower_0
 G  buyer_2_participation_lower_1
 E  budget
COLUMNS
 sold_by_1__0_0_0_0 bought_is_sold_0_0_0_0 1
 sold_by_1__0_0_0_0 sold_is_bought_0_0_0_0 -1
 sold_by_1__0_0_0_0 seller_1_quantity_definition_0 0.125
 sold_by_1__0_0_0_1 bought_is_sold_0_0_0_1 1
 sold_by_1__0_0_0_1 sold_is_bought_0_0_0_1 -1
 sold_by_1__0_0_0_1 seller_1_quantity_definition_0 0.125
 sold_by_1__0_0_1_0 bought_is_sold_0_0_1_0 1
 sold_by_1__0_0_1_0 sold_is_bought_0_0_1_0 -1
 sold_by_1__0_0_1_0 seller_1_quantity_definition_0 0.125
 sold_by_1__0_0_1_1 bought_is_sold_0_0_1_1 1
 sold_by_1__0_0_1_1 sold_is_bought_0_0_1_1 -1
 sold_by_1__0_0_1_1 seller_1_quantity_definition_0 0.125
 sold_by_1__0_1_0_0 bought_is_sold_0_1_0_0 1
 sold_by_1__0_1_0_0 sold_is_bought_0_1_0_0 -1
 sold_by_1__0_1_0_0 seller_1_quantity_definition_0 0.125
 sold_by_1__0_1_0_1 bought_is_sold_0_1_0_1 1
 sold_by_1__0_1_0_1 sold_is_bought_0_1_0_1 -1
 sold_by_1__0_1_0_1 seller_1_quantity_definition_0 0.125
 sold_by_1__0_1_1_0 bought_is_sold_0_1_1_0 1
 sold_by_1__0_1_1_0 sold_is_bought_0_1_1_0 -1
 sold_by_1__0_1_1_0 seller_1_quantity_definition_0 0.125
 sold_by_1__0_1_1_1 bought_is_sold_0_1_1_1 1
 sold_by_1__0_1_1_1 sold_is_bought_0_1_1_1 -1
 sold_by_1__0_1_1_1 seller_1_quantity_definition_0 0.125
 sold_by_1__1_0_0_0 bought_is_sold_1_0_0_0 1
 sold_by_1__1_0_0_0 sold_is_bought_1_0_0_0 -1
 sold_by_1__1_0_0_0 seller_1_quantity_definition_1 0.125
 sold_by_1__1_0_0_1 bought_is_sold_1_0_0_1 1
 sold_by_1__1_0_0_1 sold_is_bought_1_0_0_1 -1
 sold_by_1__1_0_0_1 seller_1_quantity_definition_1 0.125
 sold_by_1__1_0_1_0 bought_is_sold_1_0_1_0 1
 sold_by_1__1_0_1_0 sold_is_bought_1_0_1_0 -1
 sold_by_1__1_0_1_0 seller_1_quantity_definition_1 0.125
 sold_by_1__1_0_1_1 bought_is_sold_1_0_1_1 1
 sold_by_1__1_0_1_1 sold_is_bought_1_0_1_1 -1
 sold_by_1__1_0_1_1 seller_1_quantity_definition_1 0.125
 sold_by_1__1_1_0_0 bought_is_sold_1_1_0_0 1
 sold_by_1__1_1_0_0 sold_is_bought_1_1_0_0 -1
 sold_by_1__1_1_0_0 seller_1_quantity_definition_1 0.125
 sold_by_1__1_1_0_1 bought_is_sold_1_1_0_1 1
 sold_by_1__1_1_0_1 sold_is_bought_1_1_0_1 -1
 sold_by_1__1_1_0_1 seller_1_quantity_definition_1 0.125
 sold_by_1__1_1_1_0 bought_is_sold_1_1_1_0 1
 sold_by_1__1_1_1_0 sold_is_bought_1_1_1_0 -1
 sold_by_1__1_1_1_0 seller_1_quantity_definition_1 0.125
 sold_by_1__1_1_1_1 bought_is_sold_1_1_1_1 1
 sold_by_1__1_1_1_1 sold_is_bought_1_1_1_1 -1
 sold_by_1__1_1_1_1 seller_1_quantity_definition_1 0.125
 sold_by_2__0_0_0_0 bought_is_sold_0_0_0_0 1
 sold_by_2__0_0_0_0 sold_is_bought_0_0_0_0 -1
 sold_by_2__0_0_0_0 seller_2_quantity_definition_0 0.125
 sold_by_2__0_0_0_1 bought_is_sold_0_0_0_1 1
 sold_by_2__0_0_0_1 sold_is_bought_0_0_0_1 -1
 sold_by_2__0_0_0_1 seller_2_quantity_definition_0 0.125
 sold_by_2__0_0_1_0 bought_is_sold_0_0_1_0 1
 sold_by_2__0_0_1_0 sold_is_bought_0_0_1_0 -1
 sold_by_2__0_0_1_0 seller_2_quantity_definition_0 0.125
 sold_by_2__0_0_1_1 bought_is_sold_0_0_1_1 1
 sold_by_2__0_0_1_1 sold_is_bought_0_0_1_1 -1
 sold_by_2__0_0_1_1 seller_2_quantity_definition_0 0.125
 sold_by_2__0_1_0_0 bought_is_sold_0_1_0_0 1
 sold_by_2__0_1_0_0 sold_is_bought_0_1_0_0 -1
 sold_by_2__0_1_0_0 seller_2_quantity_definition_1 0.125
 sold_by_2__0_1_0_1 bought_is_sold_0_1_0_1 1
 sold_by_2__0_1_0_1 sold_is_bought_0_1_0_1 -1
 sold_by_2__0_1_0_1 seller_2_quantity_definition_1 0.125
 sold_by_2__0_1_1_0 bought_is_sold_0_1_1_0 1
 sold_by_2__0_1_1_0 sold_is_bought_0_1_1_0 -1
 sold_by_2__0_1_1_0 seller_2_quantity_definition_1 0.125
 sold_by_2__0_1_1_1 bought_is_sold_0_1_1_1 1
 sold_by_2__0_1_1_1 sold_is_bought_0_1_1_1 -1
 sold_by_2__0_1_1_1 seller_2_quantity_definition_1 0.125
 sold_by_2__1_0_0_0 bought_is_sold_1_0_0_0 1
 sold_by_2__1_0_0_0 sold_is_bought_1_0_0_0 -1
 sold_by_2__1_0_0_0 seller_2_quantity_definition_0 0.125
 sold_by_2__1_0_0_1 bought_is_sold_1_0_0_1 1
 sold_by_2__1_0_0_1 sold_is_bought_1_0_0_1 -1
 sold_by_2__1_0_0_1 seller_2_quantity_definition_0 0.125
 sold_by_2__1_0_1_0 bought_is_sold_1_0_1_0 1
 sold_by_2__1_0_1_0 sold_is_bought_1_0_1_0 -1
 sold_by_2__1_0_1_0 seller_2_quantity_definition_0 0.125
 sold_by_2__1_0_1_1 bought_is_sold_1_0_1_1 1
 sold_by_2__1_0_1_1 sold_is_bought_1_0_1_1 -1
 sold_by_2__1_0_1_1 seller_2_quantity_definition_0 0.125
 sold_by_2__1_1_0_0 bought_is_sold_1_1_0_0 1
 sold_by_2__1_1_0_0 sold_is_bought_1_1_0_0 -1
 sold_by_2__1_1_0_0 seller_2_quantity_definition_1 0.125
 sold_by_2__1_1_0_1 bought_is_sold_1_1_0_1 1
 sold_by_2__1_1_0_1 sold_is_bought_1_1_0_1 -1
 sold_by_2__1_1_0_1 seller_2_quantity_definition_1 0.125
 sold_by_2__1_1_1_0 bought_is_sold_1_1_1_0 1
 sold_by_2__1_1_1_0 sold_is_bought_1_1_1_0 -1
 sold_by_2__1_1_1_0 seller_2_quantity_definition_1 0.125
 sold_by_2__1_1_1_1 bought_is_sold_1_1_1_1 1
 sold_by_2__1_1_1_1 sold_is_bought_1_1_1_1 -1
 sold_by_2__1_1_1_1 seller_2_quantity_definition_1 0.125
 bought_by_1__0_0_0_0 bought_is_sold_0_0_0_0 -1
 bought_by_1__0_0_0_0 sold_is_bought_0_0_0_0 1
 bought_by_1__0_0_0_0 buyer_1_quantity_definition_0 -0.125
 bought_by_1__0_0_0_1 bought_is_sold_0_0_0_1 -1
 bought_by_1__0_0_0_1 sold_is_bought_0_0_0_1 1
 bought_by_1__0_0_0_1 buyer_1_quantity_definition_0 -0.125
 bought_by_1__0_0_1_0 bought_is_sold_0_0_1_0 -1
 bought_by_1__0_0_1_0 sold_is_bought_0_0_1_0 1
 bought_by_1__0_0_1_0 buyer_1_quantity_definition_1 -0.125
 bought_by_1__0_0_1_1 bought_is_sold_0_0_1_1 -1
 bought_by_1__0_0_1_1 sold_is_bought_0_0_1_1 1
 bought_by_1__0_0_1_1 buyer_1_quantity_definition_1 -0.125
 bought_by_1__0_1_0_0 bought_is_sold_0_1_0_0 -1
 bought_by_1__0_1_0_0 sold_is_bought_0_1_0_0 1
 bought_by_1__0_1_0_0 buyer_1_quantity_definition_0 -0.125
 bought_by_1__0_1_0_1 bought_is_sold_0_1_0_1 -1
 bought_by_1__0_1_0_1 sold_is_bought_0_1_0_1 1
 bought_by_1__0_1_0_1 buyer_1_quantity_definition_0 -0.125
 bought_by_1__0_1_1_0 bought_is_sold_0_1_1_0 -1
 bought_by_1__0_1_1_0 sold_is_bought_0_1_1_0 1
 bought_by_1__0_1_1_0 buyer_1_quantity_definition_1 -0.125
 bought_by_1__0_1_1_1 bought_is_sold_0_1_1_1 -1
 bought_by_1__0_1_1_1 sold_is_bought_0_1_1_1 1
 bought_by_1__0_1_1_1 buyer_1_quantity_definition_1 -0.125
 bought_by_1__1_0_0_0 bought_is_sold_1_0_0_0 -1
 bought_by_1__1_0_0_0 sold_is_bought_1_0_0_0 1
 bought_by_1__1_0_0_0 buyer_1_quantity_definition_0 -0.125
 bought_by_1__1_0_0_1 bought_is_sold_1_0_0_1 -1
 bought_by_1__1_0_0_1 sold_is_bought_1_0_0_1 1
 bought_by_1__1_0_0_1 buyer_1_quantity_definition_0 -0.125
 bought_by_1__1_0_1_0 bought_is_sold_1_0_1_0 -1
 bought_by_1__1_0_1_0 sold_is_bought_1_0_1_0 1
 bought_by_1__1_0_1_0 buyer_1_quantity_definition_1 -0.125
 bought_by_1__1_0_1_1 bought_is_sold_1_0_1_1 -1
 bought_by_1__1_0_1_1 sold_is_bought_1_0_1_1 1
 bought_by_1__1_0_1_1 buyer_1_quantity_definition_1 -0.125
 bought_by_1__1_1_0_0 bought_is_sold_1_1_0_0 -1
 bought_by_1__1_1_0_0 sold_is_bought_1_1_0_0 1
 bought_by_1__1_1_0_0 buyer_1_quantity_definition_0 -0.125
 bought_by_1__1_1_0_1 bought_is_sold_1_1_0_1 -1
 bought_by_1__1_1_0_1 sold_is_bought_1_1_0_1 1
 bought_by_1__1_1_0_1 buyer_1_quantity_definition_0 -0.125
 bought_by_1__1_1_1_0 bought_is_sold_1_1_1_0 -1
 bought_by_1__1_1_1_0 sold_is_bought_1_1_1_0 1
 bought_by_1__1_1_1_0 buyer_1_quantity_definition_1 -0.125
 bought_by_1__1_1_1_1 bought_is_sold_1_1_1_1 -1
 bought_by_1__1_1_1_1 sold_is_bought_1_1_1_1 1
 bought_by_1__1_1_1_1 buyer_1_quantity_definition_1 -0.125
 bought_by_2__0_0_0_0 bought_is_sold_0_0_0_0 -1
 bought_by_2__0_0_0_0 sold_is_bought_0_0_0_0 1
 bought_by_2__0_0_0_0 buyer_2_quantity_definition_0 -0.125
 bought_by_2__0_0_0_1 bought_is_sold_0_0_0_1 -1
 bought_by_2__0_0_0_1 sold_is_bought_0_0_0_1 1
 bought_by_2__0_0_0_1 buyer_2_quantity_definition_1 -0.125
 bought_by_2__0_0_1_0 bought_is_sold_0_0_1_0 -1
 bought_by_2__0_0_1_0 sold_is_bought_0_0_1_0 1
 bought_by_2__0_0_1_0 buyer_2_quantity_definition_0 -0.125
 bought_by_2__0_0_1_1 bought_is_sold_0_0_1_1 -1
 bought_by_2__0_0_1_1 sold_is_bought_0_0_1_1 1
 bought_by_2__0_0_1_1 buyer_2_quantity_definition_1 -0.125
 bought_by_2__0_1_0_0 bought_is_sold_0_1_0_0 -1
 bought_by_2__0_1_0_0 sold_is_bought_0_1_0_0 1
 bought_by_2__0_1_0_0 buyer_2_quantity_definition_0 -0.125
 bought_by_2__0_1_0_1 bought_is_sold_0_1_0_1 -1
 bought_by_2__0_1_0_1 sold_is_bought_0_1_0_1 1
 bought_by_2__0_1_0_1 buyer_2_quantity_definition_1 -0.125
 bought_by_2__0_1_1_0 bought_is_sold_0_1_1_0 -1
 bought_by_2__0_1_1_0 sold_is_bought_0_1_1_0 1
 bought_by_2__0_1_1_0 buyer_2_quantity_definition_0 -0.125
 bought_by_2__0_1_1_1 bought_is_sold_0_1_1_1 -1
 bought_by_2__0_1_1_1 sold_is_bought_0_1_1_1 1
 bought_by_2__0_1_1_1 buyer_2_quantity_definition_1 -0.125
 bought_by_2__1_0_0_0 bought_is_sold_1_0_0_0 -1
 bought_by_2__1_0_0_0 sold_is_bought_1_0_0_0 1
 bought_by_2__1_0_0_0 buyer_2_quantity_definition_0 -0.125
 bought_by_2__1_0_0_1 bought_is_sold_1_0_0_1 -1
 bought_by_2__1_0_0_1 sold_is_bought_1_0_0_1 1
 bought_by_2__1_0_0_1 buyer_2_quantity_definition_1 -0.125
 bought_by_2__1_0_1_0 bought_is_sold_1_0_1_0 -1
 bought_by_2__1_0_1_0 sold_is_bought_1_0_1_0 1
 bought_by_2__1_0_1_0 buyer_2_quantity_definition_0 -0.125
 bought_by_2__1_0_1_1 bought_is_sold_1_0_1_1 -1
 bought_by_2__1_0_1_1 sold_is_bought_1_0_1_1 1
 bought_by_2__1_0_1_1 buyer_2_quantity_definition_1 -0.125
 bought_by_2__1_1_0_0 bought_is_sold_1_1_0_0 -1
 bought_by_2__1_1_0_0 sold_is_bought_1_1_0_0 1
 bought_by_2__1_1_0_0 buyer_2_quantity_definition_0 -0.125
 bought_by_2__1_1_0_1 bought_is_sold_1_1_0_1 -1
 bought_by_2__1_1_0_1 sold_is_bought_1_1_0_1 1
 bought_by_2__1_1_0_1 buyer_2_quantity_definition_1 -0.125
 bought_by_2__1_1_1_0 bought_is_sold_1_1_1_0 -1
 bought_by_2__1_1_1_0 sold_is_bought_1_1_1_0 1
 bought_by_2__1_1_1_0 buyer_2_quantity_definition_0 -0.125
 bought_by_2__1_1_1_1 bought_is_sold_1_1_1_1 -1
 bought_by_2__1_1_1_1 sold_is_bought_1_1_1_1 1
 bought_by_2__1_1_1_1 buyer_2_quantity_definition_1 -0.125
 seller_1_quantity_0 cost -0.125
 seller_1_quantity_0 seller_1_quantity_definition_0 1
 seller_1_quantity_0 seller_1_ic_down_0 -0.75
 seller_1_quantity_0 seller_1_ic_up_0 0.25
 seller_1_quantity_0 seller_1_monotonicity_0 -1
 seller_1_quantity_0 seller_1_participation_lower_0 0.25
 seller_1_quantity_1 cost -0.375
 seller_1_quantity_1 seller_1_quantity_definition_1 1
 seller_1_quantity_1 seller_1_ic_down_0 0.75
 seller_1_quantity_1 seller_1_ic_up_0 -0.25
 seller_1_quantity_1 seller_1_monotonicity_0 1
 seller_1_quantity_1 seller_1_participation_lower_1 0.75
 seller_1_payment_0 cost 0.5
 seller_1_payment_0 seller_1_ic_down_0 1
 seller_1_payment_0 seller_1_ic_up_0 -1
 seller_1_payment_0 seller_1_participation_lower_0 -1
 seller_1_payment_0 budget 0.5
 seller_1_payment_1 cost 0.5
 seller_1_payment_1 seller_1_ic_down_0 -1
 seller_1_payment_1 seller_1_ic_up_0 1
 seller_1_payment_1 seller_1_participation_lower_1 -1
 seller_1_payment_1 budget 0.5
 seller_2_quantity_0 cost -0.125
 seller_2_quantity_0 seller_2_quantity_definition_0 1
 seller_2_quantity_0 seller_2_ic_down_0 -0.75
 seller_2_quantity_0 seller_2_ic_up_0 0.25
 seller_2_quantity_0 seller_2_monotonicity_0 -1
 seller_2_quantity_0 seller_2_participation_lower_0 0.25
 seller_2_quantity_1 cost -0.375
 seller_2_quantity_1 seller_2_quantity_definition_1 1
 seller_2_quantity_1 seller_2_ic_down_0 0.75
 seller_2_quantity_1 seller_2_ic_up_0 -0.25
 seller_2_quantity_1 seller_2_monotonicity_0 1
 seller_2_quantity_1 seller_2_participation_lower_1 0.75
 seller_2_payment_0 cost 0.5
 seller_2_payment_0 seller_2_ic_down_0 1
 seller_2_payment_0 seller_2_ic_up_0 -1
 seller_2_payment_0 seller_2_participation_lower_0 -1
 seller_2_payment_0 budget 0.5
 seller_2_payment_1 cost 0.5
 seller_2_payment_1 seller_2_ic_down_0 -1
 seller_2_payment_1 seller_2_ic_up_0 1
 seller_2_payment_1 seller_2_participation_lower_1 -1
 seller_2_payment_1 budget 0.5
 buyer_1_quantity_0 cost -0.25
 buyer_1_quantity_0 buyer_1_quantity_definition_0 1
 buyer_1_quantity_0 buyer_1_ic_down_0 -1
 buyer_1_quantity_0 buyer_1_ic_up_0 0.5
 buyer_1_quantity_0 buyer_1_monotonicity_0 -1
 buyer_1_quantity_0 buyer_1_participation_lower_0 0.5
 buyer_1_quantity_1 cost -0.5
 buyer_1_quantity_1 buyer_1_quantity_definition_1 1
 buyer_1_quantity_1 buyer_1_ic_down_0 1
 buyer_1_quantity_1 buyer_1_ic_up_0 -0.5
 buyer_1_quantity_1 buyer_1_monotonicity_0 1
 buyer_1_quantity_1 buyer_1_participation_lower_1 1
 buyer_1_payment_0 cost 0.5
 buyer_1_payment_0 buyer_1_ic_down_0 1
 buyer_1_payment_0 buyer_1_ic_up_0 -1
 buyer_1_payment_0 buyer_1_participation_lower_0 -1
 buyer_1_payment_0 budget 0.5
 buyer_1_payment_1 cost 0.5
 buyer_1_payment_1 buyer_1_ic_down_0 -1
 buyer_1_payment_1 buyer_1_ic_up_0 1
 buyer_1_payment_1 buyer_1_participation_lower_1 -1
 buyer_1_payment_1 budget 0.5
 buyer_2_quantity_0 cost -0.25
 buyer_2_quantity_0 buyer_2_quantity_definition_0 1
 buyer_2_quantity_0 buyer_2_ic_down_0 -1
 buyer_2_quantity_0 buyer_2_ic_up_0 0.5
 buyer_2_quantity_0 buyer_2_monotonicity_0 -1
 buyer_2_quantity_0 buyer_2_participation_lower_0 0.5
 buyer_2_quantity_1 cost -0.5
 buyer_2_quantity_1 buyer_2_quantity_definition_1 1
 buyer_2_quantity_1 buyer_2_ic_down_0 1
 buyer_2_quantity_1 buyer_2_ic_up_0 -0.5
 buyer_2_quantity_1 buyer_2_monotonicity_0 1
 buyer_2_quantity_1 buyer_2_participation_lower_1 1
 buyer_2_payment_0 cost 0.5
 buyer_2_payment_0 buyer_2_ic_down_0 1
 buyer_2_payment_0 buyer_2_ic_up_0 -1
 buyer_2_payment_0 buyer_2_participation_lower_0 -1
 buyer_2_payment_0 budget 0.5
 buyer_2_payment_1 cost 0.5
 buyer_2_payment_1 buyer_2_ic_down_0 -1
 buyer_2_payment_1 buyer_2_ic_up_0 1
 buyer_2_payment_1 buyer_2_participation_lower_1 -1
 buyer_2_payment_1 budget 0.5
RHS
BOUNDS
 UP BOUND sold_by_1__0_0_0_0 1
 UP BOUND sold_by_1__0_0_0_1 1
 UP BOUND sold_by_1__0_0_1_0 1
 UP BOUND sold_by_1__0_0_1_1 1
 UP BOUND sold_by_1__0_1_0_0 1
 UP BOUND sold_by_1__0_1_0_1 1
 UP BOUND sold_by_1__0_1_1_0 1
 UP BOUND sold_by_1__0_1_1_1 1
 UP BOUND sold_by_1__1_0_0_0 1
 UP BOUND sold_by_1__1_0_0_1 1
 UP BOUND sold_by_1__1_0_1_0 1
 UP BOUND sold_by_1__1_0_1_1 1
 UP BOUND sold_by_1__1_1_0_0 1
 UP BOUND sold_by_1__1_1_0_1 1
 UP BOUND sold_by_1__1_1_1_0 1
 UP BOUND sold_by_1__1_1_1_1 1
 UP BOUND sold_by_2__0_0_0_0 1
 UP BOUND sold_by_2__0_0_0_1 1
 UP BOUND sold_by_2__0_0_1_0 1
 UP BOUND sold_by_2__0_0_1_1 1
 UP BOUND sold_by_2__0_1_0_0 1
 UP BOUND sold_by_2__0_1_0_1 1
 UP BOUND sold_by_2__0_1_1_0 1
 UP BOUND sold_by_2__0_1_1_1 1
 UP BOUND sold_by_2__1_0_0_0 1
 UP BOUND sold_by_2__1_0_0_1 1
 UP BOUND sold_by_2__1_0_1_0 1
 UP BOUND sold_by_2__1_0_1_1 1
 UP BOUND sold_by_2__1_1_0_0 1
 UP BOUND sold_by_2__1_1_0_1 1
 UP BOUND sold_by_2__1_1_1_0 1
 UP BOUND sold_by_2__1_1_1_1 1
 UP BOUND bought_by_1__0_0_0_0 1
 UP BOUND bought_by_1__0_0_0_1 1
 UP BOUND bought_by_1__0_0_1_0 1
 UP BOUND bought_by_1__0_0_1_1 1
 UP BOUND bought_by_1__0_1_0_0 1
 UP BOUND bought_by_1__0_1_0_1 1
 UP BOUND bought_by_1__0_1_1_0 1
 UP BOUND bought_by_1__0_1_1_1 1
 UP BOUND bought_by_1__1_0_0_0 1
 UP BOUND bought_by_1__1_0_0_1 1
 UP BOUND bought_by_1__1_0_1_0 1
 UP BOUND bought_by_1__1_0_1_1 1
 UP BOUND bought_by_1__1_1_0_0 1
 UP BOUND bought_by_1__1_1_0_1 1
 UP BOUND bought_by_1__1_1_1_0 1
 UP BOUND bought_by_1__1_1_1_1 1
 UP BOUND bought_by_2__0_0_0_0 1
 UP BOUND bought_by_2__0_0_0_1 1
 UP BOUND bought_by_2__0_0_1_0 1
 UP BOUND bought_by_2__0_0_1_1 1
 UP BOUND bought_by_2__0_1_0_0 1
 UP BOUND bought_by_2__0_1_0_1 1
 UP BOUND bought_by_2__0_1_1_0 1
 UP BOUND bought_by_2__0_1_1_1 1
 UP BOUND bought_by_2__1_0_0_0 1
 UP BOUND bought_by_2__1_0_0_1 1
 UP BOUND bought_by_2__1_0_1_0 1
 UP BOUND bought_by_2__1_0_1_1 1
 UP BOUND bought_by_2__1_1_0_0 1
 UP BOUND bought_by_2__1_1_0_1 1
 UP BOUND bought_by_2__1_1_1_0 1
 UP BOUND bought_by_2__1_1_1_1 1
 FR BOUND seller_1_quantity_0
 FR BOUND seller_1_quantity_1
 FR BOUND seller_1_payment_0
 FR BOUND seller_1_payment_1
 FR BOUND seller_2_quantity_0
 FR BOUND seller_2_quantity_1
 FR BOUND seller_2_payment_0
 FR BOUND seller_2_payment_1
 FR BOUND buyer_1_quantity_0
 FR BOUND buyer_1_quantity_1
 FR BOUND buyer_1_payment_0
 FR BOUND buyer_1_payment_1
 FR BOUND buyer_2_quantity_0
 FR BOUND buyer_2_quantity_1
 FR BOUND buyer_2_payment_0
 FR BOUND buyer_2_payment_1
ENDATA
