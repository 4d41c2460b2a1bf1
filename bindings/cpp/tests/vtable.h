/* What vtable.c takes from C++: objects as plain pointers. */
#ifndef VTABLE_H
#define VTABLE_H

#ifdef __cplusplus
extern "C" {
#endif

/* IBackgroundCopyManager of the queue of the test, with a reference. */
void *new_manager(void);
/* IBackgroundCopyQMgr of the same queue. */
void *new_qmgr(void);
/* IBITSExtensionSetupFactory of the server that the environment names. */
void *new_setup_factory(void);
/* An object of a declaration, each method of which answers 100 and the number of its slot. */
void *declared(const char *interface_name);
/* C++ takes a reference to an object, and returns it. */
void hold(void *object);
/* The identifier of an interface, by its name. */
const void *iid_of(const char *name);

#ifdef __cplusplus
}
#endif

#endif
