/*
 * wakeup.h
 *		What any part may ask of the background processes of jobs/.
 *
 * jobs/ is above the parts that ask.  So worker_slots.c registers here the
 * functions that do it.
 */
#ifndef DSQL_WAKEUP_H
#define DSQL_WAKEUP_H

typedef struct DsqlWakeupCallbacks
{
	void		(*announce) (Oid database);
	void		(*launcher) (void);
	void		(*nudge_launcher) (void);
	void		(*make_way) (Oid relation);
	void		(*make_way_for) (int asker, int worker);
} DsqlWakeupCallbacks;

/* For use in _PG_init: the functions that do what is asked for. */
extern void dsql_wakeup_set_callbacks(const DsqlWakeupCallbacks *callbacks);

/* See the functions of the same names in worker_slots.h. */
extern void dsql_wakeup_announce(Oid database);
extern void dsql_wakeup_launcher(void);
extern void dsql_wakeup_nudge_launcher(void);
extern void dsql_wakeup_make_way(Oid relation);
extern void dsql_wakeup_make_way_for(int asker, int worker);

#endif							/* DSQL_WAKEUP_H */
