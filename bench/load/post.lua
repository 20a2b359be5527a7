-- The body is the workload's, from the environment: written once, in workloads.ts.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = os.getenv("BENCH_BODY")
