"""Result codes, with the numbers of Windows.

Written by generate.py from the tables of the engine: change those.
"""

from __future__ import annotations

from enum import IntEnum

__all__ = ["ResultCode"]


class ResultCode(IntEnum):
    """What a call returns, and why a job stopped. Negative values are failures."""

    #: The call succeeded.
    BG_S_OK = 0

    #: The call succeeded and the answer is no, or there is nothing more to return.
    BG_S_FALSE = 1

    #: No error has occurred.
    BG_S_ERROR_CONTEXT_NONE = 2097158

    #: The finished files of the job were kept; those that were not finished were deleted.
    BG_S_PARTIAL_COMPLETE = 2097175

    #: The job ended, but some of its temporary files could not be removed; delete them by hand.
    BG_S_UNABLE_TO_DELETE_FILES = 2097178

    #: The proxy server in use has changed.
    BG_S_PROXY_CHANGED = 2097194

    #: The setting was stored, but a policy of this computer with another value is in force.
    BG_S_OVERRIDDEN_BY_POLICY = 2097237

    #: There is no job with this identifier; it may have been completed or cancelled.
    BG_E_NOT_FOUND = -2145386495  # 0x80200001

    #: The state of the job does not allow this action; look at the state first.
    BG_E_INVALID_STATE = -2145386494  # 0x80200002

    #: The job has no files; add one before resuming it.
    BG_E_EMPTY = -2145386493  # 0x80200003

    #: The error does not belong to a particular file of the job.
    BG_E_FILE_NOT_AVAILABLE = -2145386492  # 0x80200004

    #: The error does not belong to a particular transfer protocol.
    BG_E_PROTOCOL_NOT_AVAILABLE = -2145386491  # 0x80200005

    #: The error arose in a place that is not known.
    BG_E_ERROR_CONTEXT_UNKNOWN = -2145386489  # 0x80200007

    #: The error arose in the queue of jobs.
    BG_E_ERROR_CONTEXT_GENERAL_QUEUE_MANAGER = -2145386488  # 0x80200008

    #: The error arose while working on the local file.
    BG_E_ERROR_CONTEXT_LOCAL_FILE = -2145386487  # 0x80200009

    #: The error arose while working on the remote file.
    BG_E_ERROR_CONTEXT_REMOTE_FILE = -2145386486  # 0x8020000A

    #: The error arose in the network connection, not in one particular file.
    BG_E_ERROR_CONTEXT_GENERAL_TRANSPORT = -2145386485  # 0x8020000B

    #: The error arose while notifying the program that owns the job.
    BG_E_ERROR_CONTEXT_QUEUE_MANAGER_NOTIFICATION = -2145386484  # 0x8020000C

    #: The volume of the local file cannot be used now; the job goes on when it is writable again.
    BG_E_DESTINATION_LOCKED = -2145386483  # 0x8020000D

    #: Another volume is mounted where the local file was begun; mount the former one and resume the job.
    BG_E_VOLUME_CHANGED = -2145386482  # 0x8020000E

    #: The job has no error now; details exist only in the states ERROR and TRANSIENT_ERROR.
    BG_E_ERROR_INFORMATION_UNAVAILABLE = -2145386481  # 0x8020000F

    #: This computer has no network; the job goes on when it is connected again.
    BG_E_NETWORK_DISCONNECTED = -2145386480  # 0x80200010

    #: The server does not tell the size of the file; use static content, or allow dynamic content for the
    #: job.
    BG_E_MISSING_FILE_SIZE = -2145386479  # 0x80200011

    #: The server does not support what is needed of HTTP/1.1; fetch the file from another server.
    BG_E_INSUFFICIENT_HTTP_SUPPORT = -2145386478  # 0x80200012

    #: The server, or a proxy before it, does not serve parts of files; repair it, or use foreground
    #: priority.
    BG_E_INSUFFICIENT_RANGE_SUPPORT = -2145386477  # 0x80200013

    #: The queue cannot be used from another computer; run the program on this one.
    BG_E_REMOTE_NOT_SUPPORTED = -2145386476  # 0x80200014

    #: The local path leads the new owner to another place; ownership was not changed.
    BG_E_NEW_OWNER_DIFF_MAPPING = -2145386475  # 0x80200015

    #: The new owner may not use the temporary files of the job; grant access and try again.
    BG_E_NEW_OWNER_NO_FILE_ACCESS = -2145386474  # 0x80200016

    #: The list of proxies is too long; shorten it to 4,000 characters.
    BG_E_PROXY_LIST_TOO_LARGE = -2145386472  # 0x80200018

    #: The list of hosts that bypass the proxy is too long; shorten it to 4,000 characters.
    BG_E_PROXY_BYPASS_LIST_TOO_LARGE = -2145386471  # 0x80200019

    #: The answer of the server breaks the protocol; resume to try again, or ask its administrator.
    BG_E_INVALID_SERVER_RESPONSE = -2145386469  # 0x8020001B

    #: An upload job carries one file only; create a job for each further file.
    BG_E_TOO_MANY_FILES = -2145386468  # 0x8020001C

    #: The local file was modified during its upload; resume the job to send it from the beginning.
    BG_E_LOCAL_FILE_CHANGED = -2145386467  # 0x8020001D

    #: The error arose in the server application that receives the upload.
    BG_E_ERROR_CONTEXT_REMOTE_APPLICATION = -2145386466  # 0x8020001E

    #: The server does not know the upload session any more; the upload starts again in a new one.
    BG_E_SESSION_NOT_FOUND = -2145386465  # 0x8020001F

    #: The data is larger than allowed: the upload for its server, or the reply for this call.
    BG_E_TOO_LARGE = -2145386464  # 0x80200020

    #: A text argument is longer than its limit; shorten it.
    BG_E_STRING_TOO_LONG = -2145386463  # 0x80200021

    #: Client and server have no version of the upload protocol in common; update the older one.
    BG_E_CLIENT_SERVER_PROTOCOL_MISMATCH = -2145386462  # 0x80200022

    #: The upload directory of the server allows programs to run; take that permission away there.
    BG_E_SERVER_EXECUTE_ENABLE = -2145386461  # 0x80200023

    #: Nothing was transferred for too long; the server may be set up wrongly. The job is tried again
    #: later.
    BG_E_NO_PROGRESS = -2145386460  # 0x80200024

    #: The user name is longer than 300 characters; shorten it.
    BG_E_USERNAME_TOO_LARGE = -2145386459  # 0x80200025

    #: The password is longer than allowed; shorten it.
    BG_E_PASSWORD_TOO_LARGE = -2145386458  # 0x80200026

    #: The target of the credentials is unknown; use the server or the proxy.
    BG_E_INVALID_AUTH_TARGET = -2145386457  # 0x80200027

    #: The authentication scheme is unknown; use one of the BG_AUTH_SCHEME values.
    BG_E_INVALID_AUTH_SCHEME = -2145386456  # 0x80200028

    #: The job has no file of that name.
    BG_E_FILE_NOT_FOUND = -2145386455  # 0x80200029

    #: A byte range is malformed or lies outside the file; correct the ranges.
    BG_E_INVALID_RANGE = -2145386453  # 0x8020002B

    #: Two byte ranges of the file overlap; name each byte once.
    BG_E_OVERLAPPING_RANGES = -2145386452  # 0x8020002C

    #: No connection to the server could be made; the transfer is tried again later.
    BG_E_CONNECT_FAILURE = -2145386451  # 0x8020002D

    #: The connection ended before all bytes had arrived; the transfer goes on from there later.
    BG_E_CONNECTION_CLOSED = -2145386450  # 0x8020002E

    #: The server closed a connection that was to stay open; the transfer is tried again later.
    BG_E_KEEP_ALIVE_FAILURE = -2145386449  # 0x8020002F

    #: A message of the server is longer than the limit; ask its administrator.
    BG_E_MESSAGE_LENGTH_LIMIT_EXCEEDED = -2145386448  # 0x80200030

    #: The host name of the server was not found; check the URL and the name service.
    BG_E_NAME_RESOLUTION_FAILURE = -2145386447  # 0x80200031

    #: The request is still under way; wait for its result.
    BG_E_REQUEST_PENDING = -2145386446  # 0x80200032

    #: Several requests on one connection failed together; the transfer is tried again later.
    BG_E_PIPELINE_FAILURE = -2145386445  # 0x80200033

    #: The server answered outside the protocol; the transfer is tried again later.
    BG_E_PROTOCOL_ERROR = -2145386444  # 0x80200034

    #: The host name of the proxy was not found; check the proxy settings and the name service.
    BG_E_PROXY_NAME_RESOLUTION_FAILURE = -2145386443  # 0x80200035

    #: Receiving from the server failed; the transfer is tried again later.
    BG_E_RECEIVE_FAILURE = -2145386442  # 0x80200036

    #: The request was given up before it was answered; the transfer is tried again later.
    BG_E_REQUEST_CANCELED = -2145386441  # 0x80200037

    #: The encrypted connection could not be set up; the transfer is tried again later.
    BG_E_SECURE_CHANNEL_FAILURE = -2145386440  # 0x80200038

    #: Sending to the server failed; the transfer is tried again later.
    BG_E_SEND_FAILURE = -2145386439  # 0x80200039

    #: The server violated the HTTP protocol; the transfer is tried again later.
    BG_E_SERVER_PROTOCOL_VIOLATION = -2145386438  # 0x8020003A

    #: The server did not answer in time; the transfer is tried again later.
    BG_E_TIMEOUT = -2145386437  # 0x8020003B

    #: The certificate of the server is not trusted; install the certificate of its authority, or use
    #: another server.
    BG_E_TRUST_FAILURE = -2145386436  # 0x8020003C

    #: The network failed in an unknown way; the transfer is tried again later.
    BG_E_UNKNOWN_ERROR = -2145386435  # 0x8020003D

    #: The bandwidth policy allows no background transfers now; the job goes on when it does.
    BG_E_BLOCKED_BY_POLICY = -2145386434  # 0x8020003E

    #: The proxy list or the bypass list of the job is malformed; correct it and resume the job.
    BG_E_INVALID_PROXY_INFO = -2145386433  # 0x8020003F

    #: The credentials are malformed; set them again and resume the job.
    BG_E_INVALID_CREDENTIALS = -2145386432  # 0x80200040

    #: The hash algorithm is not supported; choose another.
    BG_E_INVALID_HASH_ALGORITHM = -2145386431  # 0x80200041

    #: The record is not in the peer cache any more.
    BG_E_RECORD_DELETED = -2145386430  # 0x80200042

    #: Another thread is updating this record of the peer cache; try again shortly.
    BG_E_COMMIT_IN_PROGRESS = -2145386429  # 0x80200043

    #: A search for peers is running already; try again in a few seconds.
    BG_E_DISCOVERY_IN_PROGRESS = -2145386428  # 0x80200044

    #: The gateway of this network gave no usable information about its traffic.
    BG_E_UPNP_ERROR = -2145386427  # 0x80200045

    #: A test setting stopped the download after the search for peers; remove the setting.
    BG_E_TEST_OPTION_BLOCKED_DOWNLOAD = -2145386426  # 0x80200046

    #: Peer caching is turned off; enable it for this computer first.
    BG_E_PEERCACHING_DISABLED = -2145386425  # 0x80200047

    #: The record of the peer cache is in use; try again in a few seconds.
    BG_E_BUSYCACHERECORD = -2145386424  # 0x80200048

    #: This user has as many jobs as the policy allows; complete or cancel some.
    BG_E_TOO_MANY_JOBS_PER_USER = -2145386423  # 0x80200049

    #: This computer has as many jobs as the policy allows; complete or cancel some.
    BG_E_TOO_MANY_JOBS_PER_MACHINE = -2145386416  # 0x80200050

    #: The job has as many files as the policy allows; put further files into another job.
    BG_E_TOO_MANY_FILES_IN_JOB = -2145386415  # 0x80200051

    #: The file has as many byte ranges as the policy allows; join ranges or fetch the whole file.
    BG_E_TOO_MANY_RANGES_IN_FILE = -2145386414  # 0x80200052

    #: The program rejected the content of the file; resume the job to download it again.
    BG_E_VALIDATION_FAILED = -2145386413  # 0x80200053

    #: The download took longer than its time limit; resume the job to grant the time again.
    BG_E_MAXDOWNLOAD_TIMEOUT = -2145386412  # 0x80200054

    #: The job is to use a helper token and has none; set the token or clear its flags, then resume the
    #: job.
    BG_E_TOKEN_REQUIRED = -2145386410  # 0x80200056

    #: There is no property with this identifier.
    BG_E_UNKNOWN_PROPERTY_ID = -2145386409  # 0x80200057

    #: The property can be read only.
    BG_E_READ_ONLY_PROPERTY = -2145386408  # 0x80200058

    #: The cost settings of the job exclude the present network; the job goes on when a cheaper one is
    #: connected.
    BG_E_BLOCKED_BY_COST_TRANSFER_POLICY = -2145386407  # 0x80200059

    #: Only download jobs have this property.
    BG_E_PROPERTY_SUPPORTED_FOR_DOWNLOAD_JOBS_ONLY = -2145386400  # 0x80200060

    #: The property is fixed once the job has a file; set it on a new job first.
    BG_E_READ_ONLY_PROPERTY_AFTER_ADDFILE = -2145386399  # 0x80200061

    #: The property is fixed once the job was resumed; set it before that.
    BG_E_READ_ONLY_PROPERTY_AFTER_RESUME = -2145386398  # 0x80200062

    #: The limit for the size of a download must be at least 1 byte.
    BG_E_MAX_DOWNLOAD_SIZE_INVALID_VALUE = -2145386397  # 0x80200063

    #: The job would download more than its size limit allows; create it again with a higher limit.
    BG_E_MAX_DOWNLOAD_SIZE_LIMIT_REACHED = -2145386396  # 0x80200064

    #: The computer is in standby; the job goes on when it wakes.
    BG_E_STANDBY_MODE = -2145386395  # 0x80200065

    #: Stored credentials can be used towards a proxy only.
    BG_E_USE_STORED_CREDENTIALS_NOT_SUPPORTED = -2145386394  # 0x80200066

    #: The computer runs on battery; the job goes on when it is connected to power.
    BG_E_BLOCKED_BY_BATTERY_POLICY = -2145386393  # 0x80200067

    #: The computer saves battery power; the job goes on when it stops doing so.
    BG_E_BLOCKED_BY_BATTERY_SAVER = -2145386392  # 0x80200068

    #: An internal step took too long and was given up; the transfer is tried again later.
    BG_E_WATCHDOG_TIMEOUT = -2145386391  # 0x80200069

    #: The owner of the job, or the caller, does not belong to an application package.
    BG_E_APP_PACKAGE_NOT_FOUND = -2145386390  # 0x8020006A

    #: Application packages cannot be used here: something they depend on is missing.
    BG_E_APP_PACKAGE_SCENARIO_NOT_SUPPORTED = -2145386389  # 0x8020006B

    #: The stored queue is damaged; reopen the queue to have it set aside and replaced.
    BG_E_DATABASE_CORRUPT = -2145386388  # 0x8020006C

    #: Single ranges of this file cannot be requested: the job or its server does not support that.
    BG_E_RANDOM_ACCESS_NOT_SUPPORTED = -2145386387  # 0x8020006D

    #: The application may not work in the background now; the job goes on when it may.
    BG_E_BLOCKED_BY_BACKGROUND_ACCESS_POLICY = -2145386386  # 0x8020006E

    #: A game has asked for all resources; the job goes on when it ends.
    BG_E_BLOCKED_BY_GAME_MODE = -2145386385  # 0x8020006F

    #: The system is short of resources; the job goes on by itself.
    BG_E_BLOCKED_BY_SYSTEM_POLICY = -2145386384  # 0x80200070

    #: A job with its own HTTP method does not allow this action.
    BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD = -2145386383  # 0x80200071

    #: The action contradicts other settings of the job; change those first.
    BG_E_UNSUPPORTED_JOB_CONFIGURATION = -2145386382  # 0x80200072

    #: The remote file changed during the transfer; resume the job to fetch the new version.
    BG_E_REMOTE_FILE_CHANGED = -2145386381  # 0x80200073

    #: The job checks certificates by a callback that is not there; set the callback again and resume the
    #: job.
    BG_E_SERVER_CERT_VALIDATION_INTERFACE_REQUIRED = -2145386380  # 0x80200074

    #: The setting cannot change while the job is active; suspend it first.
    BG_E_READ_ONLY_WHEN_JOB_ACTIVE = -2145386379  # 0x80200075

    #: The error arose in the certificate check of the program.
    BG_E_ERROR_CONTEXT_SERVER_CERTIFICATE_CALLBACK = -2145386378  # 0x80200076

    #: The server asked for the rest of the request and then sent no result (100).
    BG_E_HTTP_ERROR_100 = -2145845148  # 0x80190064

    #: The server switched to another protocol without being asked (101).
    BG_E_HTTP_ERROR_101 = -2145845147  # 0x80190065

    #: The server reported plain success where something else was needed (200).
    BG_E_HTTP_ERROR_200 = -2145845048  # 0x801900C8

    #: The server created a resource instead of answering the request (201).
    BG_E_HTTP_ERROR_201 = -2145845047  # 0x801900C9

    #: The server took the request but has no result yet (202).
    BG_E_HTTP_ERROR_202 = -2145845046  # 0x801900CA

    #: The answer was changed by somebody between server and client (203).
    BG_E_HTTP_ERROR_203 = -2145845045  # 0x801900CB

    #: The server has no content at this URL (204).
    BG_E_HTTP_ERROR_204 = -2145845044  # 0x801900CC

    #: The server asked to reset the view, which is no answer to a transfer (205).
    BG_E_HTTP_ERROR_205 = -2145845043  # 0x801900CD

    #: The server sent a part of the file where that was not expected (206).
    BG_E_HTTP_ERROR_206 = -2145845042  # 0x801900CE

    #: The server offers several versions of the file; give the job the URL of one of them (300).
    BG_E_HTTP_ERROR_300 = -2145844948  # 0x8019012C

    #: The file moved for good; give the job the new URL (301).
    BG_E_HTTP_ERROR_301 = -2145844947  # 0x8019012D

    #: The file is at another URL for now; allow redirects, or give the job that URL (302).
    BG_E_HTTP_ERROR_302 = -2145844946  # 0x8019012E

    #: The server points to another resource; give the job that URL (303).
    BG_E_HTTP_ERROR_303 = -2145844945  # 0x8019012F

    #: The server says the file is unchanged, though nothing like that was asked (304).
    BG_E_HTTP_ERROR_304 = -2145844944  # 0x80190130

    #: The file can be reached through a certain proxy only; set that proxy for the job (305).
    BG_E_HTTP_ERROR_305 = -2145844943  # 0x80190131

    #: The file is at another URL for now; allow redirects, or give the job that URL (307).
    BG_E_HTTP_ERROR_307 = -2145844941  # 0x80190133

    #: The server does not understand the request; check the URL and the headers of the job (400).
    BG_E_HTTP_ERROR_400 = -2145844848  # 0x80190190

    #: The server wants credentials, or refused those of the job; set them and resume the job (401).
    BG_E_HTTP_ERROR_401 = -2145844847  # 0x80190191

    #: The server wants a payment for this file (402).
    BG_E_HTTP_ERROR_402 = -2145844846  # 0x80190192

    #: The server forbids access to this file; ask its administrator (403).
    BG_E_HTTP_ERROR_403 = -2145844845  # 0x80190193

    #: The server has no file at this URL; correct the URL and resume the job (404).
    BG_E_HTTP_ERROR_404 = -2145844844  # 0x80190194

    #: The server does not allow this HTTP method at this URL (405).
    BG_E_HTTP_ERROR_405 = -2145844843  # 0x80190195

    #: The server has no form of the file that the request accepts; check the headers of the job (406).
    BG_E_HTTP_ERROR_406 = -2145844842  # 0x80190196

    #: The proxy wants credentials, or refused those of the job; set them and resume the job (407).
    BG_E_HTTP_ERROR_407 = -2145844841  # 0x80190197

    #: The server waited too long for the request; the transfer is tried again later (408).
    BG_E_HTTP_ERROR_408 = -2145844840  # 0x80190198

    #: The request conflicts with the present state of the file on the server; it is tried again later
    #: (409).
    BG_E_HTTP_ERROR_409 = -2145844839  # 0x80190199

    #: The file was removed from the server for good; use another source (410).
    BG_E_HTTP_ERROR_410 = -2145844838  # 0x8019019A

    #: The server wants to know the length of the request beforehand (411).
    BG_E_HTTP_ERROR_411 = -2145844837  # 0x8019019B

    #: A condition in the headers of the job does not hold on the server; check those headers (412).
    BG_E_HTTP_ERROR_412 = -2145844836  # 0x8019019C

    #: The request is larger than the server accepts; send a smaller file, or have its limit raised (413).
    BG_E_HTTP_ERROR_413 = -2145844835  # 0x8019019D

    #: The URL is longer than the server accepts; shorten it (414).
    BG_E_HTTP_ERROR_414 = -2145844834  # 0x8019019E

    #: The server does not accept data of this type at this URL (415).
    BG_E_HTTP_ERROR_415 = -2145844833  # 0x8019019F

    #: The requested bytes lie outside the file on the server; it may have changed (416).
    BG_E_HTTP_ERROR_416 = -2145844832  # 0x801901A0

    #: The server cannot meet an expectation in the headers of the job; check those headers (417).
    BG_E_HTTP_ERROR_417 = -2145844831  # 0x801901A1

    #: The server wants the request again after some action that only a user can take (449).
    BG_E_HTTP_ERROR_449 = -2145844799  # 0x801901C1

    #: The server failed while answering; the transfer is tried again later (500).
    BG_E_HTTP_ERROR_500 = -2145844748  # 0x801901F4

    #: The server does not support what was requested; uploads may be turned off there (501).
    BG_E_HTTP_ERROR_501 = -2145844747  # 0x801901F5

    #: A gateway got no valid answer from the server behind it; the transfer is tried again later (502).
    BG_E_HTTP_ERROR_502 = -2145844746  # 0x801901F6

    #: The server is overloaded or under maintenance; the transfer is tried again later (503).
    BG_E_HTTP_ERROR_503 = -2145844745  # 0x801901F7

    #: A gateway waited too long for the server behind it; the transfer is tried again later (504).
    BG_E_HTTP_ERROR_504 = -2145844744  # 0x801901F8

    #: The server does not support HTTP/1.1; fetch the file from another server (505).
    BG_E_HTTP_ERROR_505 = -2145844743  # 0x801901F9

    #: An administrator cancelled the job of another user.
    BITS_MC_JOB_CANCELLED = -2145828864  # 0x80194000

    #: The job was cancelled, but the listed temporary files could not be removed; delete them by hand.
    BITS_MC_FILE_DELETION_FAILED = -2145828863  # 0x80194001

    #: The job was cancelled, but temporary files, of which only some are listed, could not be removed.
    BITS_MC_FILE_DELETION_FAILED_MORE = -2145828862  # 0x80194002

    #: An administrator changed a property of the job of another user.
    BITS_MC_JOB_PROPERTY_CHANGE = -2145828861  # 0x80194003

    #: An administrator took over the job of another user.
    BITS_MC_JOB_TAKE_OWNERSHIP = -2145828860  # 0x80194004

    #: The job was cancelled because nobody had touched it for too many days.
    BITS_MC_JOB_SCAVENGED = -2145828859  # 0x80194005

    #: The program of the job could not be notified; it is notified again later.
    BITS_MC_JOB_NOTIFICATION_FAILURE = -2145828858  # 0x80194006

    #: The stored queue could not be read and was replaced by an empty one.
    BITS_MC_STATE_FILE_CORRUPT = -2145828857  # 0x80194007

    #: The transfer service could not start.
    BITS_MC_FAILED_TO_START = -2145828856  # 0x80194008

    #: The gateway of the network misbehaves and is not asked again until the next start.
    BITS_MC_FATAL_IGD_ERROR = -2145828855  # 0x80194009

    #: Port for content served to peers.
    BITS_MC_PEERCACHING_PORT = -2145828854  # 0x8019400A

    #: Port for the discovery of peers.
    BITS_MC_WSD_PORT = -2145828853  # 0x8019400B

    #: The data is not complete yet; call again when the transfer is done.
    BG_E_PENDING = -2147483638  # 0x8000000A

    #: Something went wrong inside the library; please report it with the detail text.
    BG_E_UNEXPECTED = -2147418113  # 0x8000FFFF

    #: This object does not support the call, or does not know one of the values given.
    BG_E_NOTIMPL = -2147467263  # 0x80004001

    #: The object does not have this interface.
    BG_E_NOINTERFACE = -2147467262  # 0x80004002

    #: A pointer that must not be NULL is NULL.
    BG_E_POINTER = -2147467261  # 0x80004003

    #: The operation failed and no code says why; see the detail text.
    BG_E_FAIL = -2147467259  # 0x80004005

    #: The queue behind this object was closed; open it again.
    BG_E_DISCONNECTED = -2147417848  # 0x80010108

    #: The identity of the caller could not be taken over; the caller must allow impersonation.
    BG_E_FAILEDTOIMPERSONATE = -2147417821  # 0x80010123

    #: This version does not have the requested class.
    BG_E_CLASSNOTREG = -2147221164  # 0x80040154

    #: The client certificate is not in the certificate store; check its hash or name.
    BG_E_CRYPT_NOT_FOUND = -2146885628  # 0x80092004

    #: Access is denied; check the permissions of the file, the directory or the caller.
    BG_E_ACCESSDENIED = -2147024891  # 0x80070005

    #: There is not enough memory; close other programs and try again.
    BG_E_OUTOFMEMORY = -2147024882  # 0x8007000E

    #: An argument or a setting is not valid; see the detail text for which.
    BG_E_INVALIDARG = -2147024809  # 0x80070057

    #: The file does not exist; check its name.
    BG_E_WIN32_FILE_NOT_FOUND = -2147024894  # 0x80070002

    #: A directory of the path does not exist; create it and resume the job.
    BG_E_WIN32_PATH_NOT_FOUND = -2147024893  # 0x80070003

    #: Too many files are open; the transfer is tried again later. Raise the limit if this persists.
    BG_E_WIN32_TOO_MANY_OPEN_FILES = -2147024892  # 0x80070004

    #: A handle does not refer to an open object.
    BG_E_WIN32_INVALID_HANDLE = -2147024890  # 0x80070006

    #: A file says what cannot be; the detail text names the file and the line.
    BG_E_WIN32_INVALID_DATA = -2147024883  # 0x8007000D

    #: The file cannot be moved to another file system; choose a destination on the same one.
    BG_E_WIN32_NOT_SAME_DEVICE = -2147024879  # 0x80070011

    #: Writing the file failed; check the disk and resume the job.
    BG_E_WIN32_WRITE_FAULT = -2147024867  # 0x8007001D

    #: Reading the file failed; check the disk and resume the job.
    BG_E_WIN32_READ_FAULT = -2147024866  # 0x8007001E

    #: Another program is using the file; the transfer is tried again later.
    BG_E_WIN32_SHARING_VIOLATION = -2147024864  # 0x80070020

    #: The file is shorter than it should be.
    BG_E_WIN32_HANDLE_EOF = -2147024858  # 0x80070026

    #: The file system or the device does not support the operation.
    BG_E_WIN32_NOT_SUPPORTED = -2147024846  # 0x80070032

    #: The file exists already; remove it or choose another name.
    BG_E_WIN32_FILE_EXISTS = -2147024816  # 0x80070050

    #: The file name is too long; shorten it.
    BG_E_WIN32_BUFFER_OVERFLOW = -2147024785  # 0x8007006F

    #: The disk or the quota is full; free some space. The transfer is tried again later.
    BG_E_WIN32_DISK_FULL = -2147024784  # 0x80070070

    #: The file name is not valid; correct it.
    BG_E_WIN32_INVALID_NAME = -2147024773  # 0x8007007B

    #: The directory is not empty.
    BG_E_WIN32_DIR_NOT_EMPTY = -2147024751  # 0x80070091

    #: The object is in use; try again later.
    BG_E_WIN32_BUSY = -2147024726  # 0x800700AA

    #: An object of this name exists already.
    BG_E_WIN32_ALREADY_EXISTS = -2147024713  # 0x800700B7

    #: The file name is too long or has characters the file system refuses; choose another.
    BG_E_WIN32_FILENAME_EXCED_RANGE = -2147024690  # 0x800700CE

    #: The file is larger than the file system or the user's limit allows.
    BG_E_WIN32_FILE_TOO_LARGE = -2147024673  # 0x800700DF

    #: There is a directory where a file is needed, or the directory name is not valid.
    BG_E_WIN32_DIRECTORY = -2147024629  # 0x8007010B

    #: The operation was interrupted; the transfer is tried again later.
    BG_E_WIN32_OPERATION_ABORTED = -2147023901  # 0x800703E3

    #: No network interface leads to the server; check the default gateway.
    BG_E_WIN32_CAN_NOT_COMPLETE = -2147023893  # 0x800703EB

    #: The disk reported an input or output error; check it and resume the job.
    BG_E_WIN32_IO_DEVICE = -2147023779  # 0x8007045D

    #: The file has as many links as the file system allows.
    BG_E_WIN32_TOO_MANY_LINKS = -2147023754  # 0x80070476

    #: The device of the file is not connected; connect it and resume the job.
    BG_E_WIN32_DEVICE_NOT_CONNECTED = -2147023729  # 0x8007048F

    #: The operation was cancelled.
    BG_E_WIN32_CANCELLED = -2147023673  # 0x800704C7

    #: The operation could not be completed now; it is tried again later.
    BG_E_WIN32_RETRY = -2147023659  # 0x800704D5

    #: The operation took longer than its time limit; it is tried again later.
    BG_E_WIN32_TIMEOUT = -2147023436  # 0x800705B4

    #: A required argument is NULL.
    BG_E_RPC_NULL_REF_POINTER = -2147023116  # 0x800706F4

    #: An argument has the wrong length; a certificate hash has 20 bytes.
    BG_E_RPC_BAD_STUB_DATA = -2147023113  # 0x800706F7

    #: The description does not exist in that language.
    BG_E_WIN32_RESOURCE_LANG_NOT_FOUND = -2147023081  # 0x80070717

    #: The path goes through a symbolic link that is not followed, or through too many of them.
    BG_E_WIN32_CANT_RESOLVE_FILENAME = -2147022975  # 0x80070781

    #: The server offers several versions of the file and the job does not allow redirects (300).
    BG_E_REDIRECT_REFUSED_300 = -2147024596  # 0x8007012C

    #: The file moved for good and the job does not allow redirects; resume to use the new URL (301).
    BG_E_REDIRECT_REFUSED_301 = -2147024595  # 0x8007012D

    #: The file is at another URL for now and the job does not allow redirects; resume to use it (302).
    BG_E_REDIRECT_REFUSED_302 = -2147024594  # 0x8007012E

    #: The server points to another resource and the job does not allow redirects; resume to use it (303).
    BG_E_REDIRECT_REFUSED_303 = -2147024593  # 0x8007012F

    #: The file is at another URL for now and the job does not allow redirects; resume to use it (307).
    BG_E_REDIRECT_REFUSED_307 = -2147024589  # 0x80070133

    #: The file moved for good and the job does not allow redirects; resume to use the new URL (308).
    BG_E_REDIRECT_REFUSED_308 = -2147024588  # 0x80070134

    #: The HTTP stack failed inside; the transfer is tried again later.
    BG_E_WINHTTP_INTERNAL_ERROR = -2147012892  # 0x80072EE4

    #: The server did not answer in time; the transfer is tried again later.
    BG_E_WINHTTP_TIMEOUT = -2147012894  # 0x80072EE2

    #: The URL is not valid; correct it and resume the job.
    BG_E_WINHTTP_INVALID_URL = -2147012891  # 0x80072EE5

    #: The URL does not begin with http or https; correct it and resume the job.
    BG_E_WINHTTP_UNRECOGNIZED_SCHEME = -2147012890  # 0x80072EE6

    #: The host name of the server or proxy was not found; check the URL and the name service.
    BG_E_WINHTTP_NAME_NOT_RESOLVED = -2147012889  # 0x80072EE7

    #: The server refused the credentials; set others and resume the job.
    BG_E_WINHTTP_LOGIN_FAILURE = -2147012881  # 0x80072EEF

    #: The request was given up before it was answered; the transfer is tried again later.
    BG_E_WINHTTP_OPERATION_CANCELLED = -2147012879  # 0x80072EF1

    #: No connection to the server could be made; the transfer is tried again later.
    BG_E_WINHTTP_CANNOT_CONNECT = -2147012867  # 0x80072EFD

    #: The connection to the server broke; the transfer goes on later.
    BG_E_WINHTTP_CONNECTION_ERROR = -2147012866  # 0x80072EFE

    #: The certificate of the server has expired or is not valid yet; check the clock, then ask its
    #: administrator.
    BG_E_WINHTTP_SECURE_CERT_DATE_INVALID = -2147012859  # 0x80072F05

    #: The certificate of the server belongs to another host name; check the URL.
    BG_E_WINHTTP_SECURE_CERT_CN_INVALID = -2147012858  # 0x80072F06

    #: The server wants a client certificate; set one for the job and resume it.
    BG_E_WINHTTP_CLIENT_AUTH_CERT_NEEDED = -2147012852  # 0x80072F0C

    #: The certificate of the server is not signed by a trusted authority; install that authority's
    #: certificate.
    BG_E_WINHTTP_SECURE_INVALID_CA = -2147012851  # 0x80072F0D

    #: Whether the certificate of the server was revoked could not be checked; resume to try again.
    BG_E_WINHTTP_SECURE_CERT_REV_FAILED = -2147012839  # 0x80072F19

    #: The answer of the server lacks a header; the transfer is tried again later.
    BG_E_WINHTTP_HEADER_NOT_FOUND = -2147012746  # 0x80072F76

    #: The answer of the server is not HTTP; the transfer is tried again later.
    BG_E_WINHTTP_INVALID_SERVER_RESPONSE = -2147012744  # 0x80072F78

    #: The server redirects in a circle, too often, or from https to http; check the URL.
    BG_E_WINHTTP_REDIRECT_FAILED = -2147012740  # 0x80072F7C

    #: The encrypted connection could not be set up; the transfer is tried again later.
    BG_E_WINHTTP_SECURE_CHANNEL_ERROR = -2147012739  # 0x80072F7D

    #: The script that finds the proxy is faulty; correct it or set the proxy by hand.
    BG_E_WINHTTP_BAD_AUTO_PROXY_SCRIPT = -2147012730  # 0x80072F86

    #: The script that finds the proxy could not be fetched; the transfer is tried again later.
    BG_E_WINHTTP_UNABLE_TO_DOWNLOAD_SCRIPT = -2147012729  # 0x80072F87

    #: The certificate of the server is malformed or misused; ask its administrator.
    BG_E_WINHTTP_SECURE_INVALID_CERT = -2147012727  # 0x80072F89

    #: The certificate of the server was revoked; do not trust this server.
    BG_E_WINHTTP_SECURE_CERT_REVOKED = -2147012726  # 0x80072F8A

    #: The certificate of the server was refused; see the detail text for the reason.
    BG_E_WINHTTP_SECURE_FAILURE = -2147012721  # 0x80072F8F

    #: The service that finds the proxy failed; the transfer is tried again later.
    BG_E_WINHTTP_AUTO_PROXY_SERVICE_ERROR = -2147012718  # 0x80072F92

    #: The certificate of the server is not meant for servers; ask its administrator.
    BG_E_WINHTTP_SECURE_CERT_WRONG_USAGE = -2147012717  # 0x80072F93

    #: No proxy could be detected; set one by hand or connect directly.
    BG_E_WINHTTP_AUTODETECTION_FAILED = -2147012716  # 0x80072F94

    #: The server sent more headers than are accepted; the transfer is tried again later.
    BG_E_WINHTTP_HEADER_COUNT_EXCEEDED = -2147012715  # 0x80072F95

    #: The server sent larger headers than are accepted; the transfer is tried again later.
    BG_E_WINHTTP_HEADER_SIZE_OVERFLOW = -2147012714  # 0x80072F96

    #: The client certificate has no private key; install the key and resume the job.
    BG_E_WINHTTP_CLIENT_CERT_NO_PRIVATE_KEY = -2147012711  # 0x80072F99

    #: The private key of the client certificate cannot be used; grant access to it and resume the job.
    BG_E_WINHTTP_CLIENT_CERT_NO_ACCESS_PRIVATE_KEY = -2147012710  # 0x80072F9A

    #: The state of the group does not allow this action.
    QM_E_INVALID_STATE = -2130702335  # 0x81001001

    #: The queue is not available; open it again.
    QM_E_SERVICE_UNAVAILABLE = -2130702334  # 0x81001002

    #: The transfer engine is not available; open the queue again.
    QM_E_DOWNLOADER_UNAVAILABLE = -2130702333  # 0x81001003

    #: There is no such group, job or file.
    QM_E_ITEM_NOT_FOUND = -2130702332  # 0x81001004
