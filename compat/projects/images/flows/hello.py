from prefect import flow, get_run_logger


@flow(flow_run_name="hello-{name}")
def hello(name: str = "Marvin", tags: set[str] = None, point: tuple[int, int] = (0, 0), *names: str, **options):
    get_run_logger().info("Hello %s", name)
