import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ContractsService, type NewContract } from './contracts.service.js';

@Controller('contracts')
export class ContractsController {
  constructor(private readonly contracts: ContractsService) {}

  @Post()
  create(@Body() contract: NewContract): Promise<{ id: number; task_id: string }> {
    return this.contracts.create(contract);
  }

  @Get('ask')
  ask(@Query('q') question: string): Promise<{ answer: string | null; sources: string[] }> {
    return this.contracts.ask(question);
  }
}
