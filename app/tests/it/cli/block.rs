//! `sluice block`

use serde_json::json;

use crate::cli::world::World;

#[test]
fn blocks() {
    let world = World::start("block");
    let secret = world.get("/block_types/slug/secret");
    let schemas = world.post(
        "/block_schemas/filter",
        &json!({ "block_schemas": { "block_type_id": { "any_": [secret["id"]] } } }),
    );
    let body = json!({
        "name": "token", "data": { "value": "not to be seen" },
        "block_type_id": secret["id"], "block_schema_id": schemas[0]["id"],
    });
    let block = world.post("/block_documents/", &body)["id"].clone();
    world.post("/block_documents/", &{
        let mut second = body;
        second["name"] = json!("second");
        second
    });
    let ids = [("ID", &block)];
    let inspected =
        world.transcript(&["block inspect secret/token -o json", "block inspect secret/token"], &[]);
    assert!(!inspected.contains("not to be seen"), "{inspected}");
    world.assert("ls", &["block ls", "block ls --limit 1 -o json", "block ls --limit x"], &ids);
    world.assert(
        "inspect",
        &["block inspect secret/token", "block inspect --id {ID} -o json", "block inspect secret/tocken"],
        &ids,
    );
    world.assert(
        "delete",
        &[
            "block delete secret/token",
            "block delete secret/token --yes",
            "block delete {ID} -y",
            "block delete secret/second -y -o json",
        ],
        &ids,
    );
    world.assert(
        "type_inspect",
        &["block type inspect secret", "block types inspect secret -o json", "block type inspect secrte"],
        &ids,
    );
    let types = world.transcript(&["block type ls"], &[]);
    assert!(types.contains("s3-bucket"), "{types}");
    world.assert(
        "type_ls",
        &["block type ls --limit 1", "block type ls --limit 1 -o json", "block type ls --limit x"],
        &ids,
    );
    world.assert(
        "type_delete",
        &[
            "block type delete s3-bucket",
            "block type delete s3-bucket -y",
            "block type delete gcs-bucket -y -o json",
            "block type delete secrte -y",
        ],
        &ids,
    );
}
