import time, pytest
from tests.cert.desk.made import case_of, person, user
from tests.cert.kit import sent, signed_in
def test_perf(db, campaign):
    from nachsorge.cert.intake.models import Source
    from nachsorge.cert.intake.receive import receive
    t=time.time()
    for n in range(1300): receive(sent(channel="mandatory" if n%3==0 else "voluntary"), Source.IMPORT)
    print("import", time.time()-t)
    c=signed_in()
    c.get("/desk/")
    for u in ("/desk/","/desk/?page=20","/desk/?q=beispiel","/desk/?state=all","/desk/log/","/desk/log/?verify=1","/desk/queue.csv"):
        t=time.time(); r=c.get(u); print(u, r.status_code, round(time.time()-t,3))
