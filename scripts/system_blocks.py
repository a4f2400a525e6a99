"""Writes the blocks that every server knows to crates/blocks/src/system_blocks.json.

Lets the installed SDK register its blocks in an empty database of its own and writes down what is there
afterwards. Run it with the pinned SDK: PYTHON scripts/system_blocks.py
"""

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path

TARGET = Path(__file__).parent.parent / "crates" / "blocks" / "src" / "system_blocks.json"


async def registered() -> dict:
    import sqlalchemy as sa
    from prefect.server.database import provide_database_interface
    from prefect.server.models.block_registration import run_block_auto_registration

    db = provide_database_interface()
    await db.create_db()
    async with db.session_context() as session:
        await run_block_auto_registration(session=session)
    async with db.session_context() as session:
        types = (await session.execute(sa.select(db.BlockType))).scalars().all()
        schemas = (
            (await session.execute(sa.select(db.BlockSchema).order_by(db.BlockSchema.created))).scalars().all()
        )
        references = (await session.execute(sa.select(db.BlockSchemaReference))).scalars().all()
    by_id = {schema.id: schema for schema in schemas}
    slugs = {block.id: block.slug for block in types}

    def depth(schema) -> int:
        children = [reference for reference in references if reference.parent_block_schema_id == schema.id]
        return 1 + max((depth(by_id[child.reference_block_schema_id]) for child in children), default=0)

    return {
        "types": [
            {
                "name": block.name,
                "slug": block.slug,
                "logo_url": block.logo_url,
                "documentation_url": block.documentation_url,
                "description": block.description,
                "code_example": block.code_example,
                "is_protected": block.is_protected,
            }
            for block in sorted(types, key=lambda block: block.slug)
        ],
        "schemas": [
            {
                "block_type_slug": slugs[schema.block_type_id],
                "checksum": schema.checksum,
                "version": schema.version,
                "capabilities": sorted(schema.capabilities),
                "fields": schema.fields,
                "references": [
                    {
                        "name": reference.name,
                        "checksum": by_id[reference.reference_block_schema_id].checksum,
                        "version": by_id[reference.reference_block_schema_id].version,
                    }
                    for reference in sorted(
                        (one for one in references if one.parent_block_schema_id == schema.id),
                        key=lambda one: one.created,
                    )
                ],
            }
            for schema in sorted(
                schemas, key=lambda schema: (depth(schema), slugs[schema.block_type_id], schema.version)
            )
        ],
    }


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        os.environ["PREFECT_HOME"] = home
        os.environ["PREFECT_API_DATABASE_CONNECTION_URL"] = f"sqlite+aiosqlite:///{home}/blocks.db"
        blocks = asyncio.run(registered())
    lines = [
        '{"types": [',
        ",\n".join(json.dumps(block, ensure_ascii=False) for block in blocks["types"]),
        '], "schemas": [',
        ",\n".join(json.dumps(schema, ensure_ascii=False) for schema in blocks["schemas"]),
        "]}\n",
    ]
    TARGET.write_text("\n".join(lines))
    print(f"{len(blocks['types'])} types, {len(blocks['schemas'])} schemas", file=sys.stderr)


if __name__ == "__main__":
    main()
