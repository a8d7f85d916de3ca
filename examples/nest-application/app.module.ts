import { Global, Logger, Module, type OnApplicationShutdown } from '@nestjs/common';
import { DocentModule } from 'docent';
import pg from 'pg';
import { ContractsController } from './contracts.controller.js';
import { ContractsService } from './contracts.service.js';

@Global()
@Module({
  providers: [
    {
      provide: pg.Pool,
      useFactory: async (): Promise<pg.Pool> => {
        const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'] });
        // without a listener, a server that restarts would end the process
        pool.on('error', (error) => new Logger('pool').warn(error.message));
        await pool.query(
          'create table if not exists contracts (id serial primary key, partner text not null)',
        );
        return pool;
      },
    },
  ],
  exports: [pg.Pool],
})
class DatabaseModule implements OnApplicationShutdown {
  constructor(private readonly pool: pg.Pool) {}

  /** docent ends before it, in `onModuleDestroy`, and needs the pool until then. */
  async onApplicationShutdown(): Promise<void> {
    await this.pool.end();
  }
}

@Module({
  imports: [
    DatabaseModule,
    DocentModule.forRootAsync({
      inject: [pg.Pool],
      useFactory: (pool: pg.Pool) => ({
        pool,
        settings: {
          DATA_DIR: process.env['DATA_DIR'],
          OPENAI_API_BASE: process.env['OPENAI_API_BASE'],
          OPENAI_API_KEY: process.env['OPENAI_API_KEY'],
        },
      }),
    }),
  ],
  controllers: [ContractsController],
  providers: [ContractsService],
})
export class AppModule {}
